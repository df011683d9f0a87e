//! Words about the forms of images.

use boatyard_plan::project::User;
use boatyard_plan::variant::{Variant, Wishes};
use clap::{Args, ValueEnum};

/// Which forms of images are built.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Variants")]
pub struct Forms {
    /// Which forms.
    #[arg(long, value_enum, value_name = "FORM", hide_possible_values = true)]
    #[arg(
        help = "Build the docker form of each image, its k8s form, or all, from the same layers, each with tags of its own"
    )]
    pub variant: Option<Wanted>,

    /// Who runs the k8s form.
    #[arg(long, value_name = "UID[:GID]", value_parser = user, requires = "variant")]
    #[arg(help = "Who runs the k8s form [default: as in the image, 10001:10001 in place of root]")]
    pub user: Option<User>,
}

/// Which forms are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    /// As its author wrote it.
    Docker,
    /// For clusters.
    K8s,
    /// Both.
    All,
}

impl Forms {
    /// The forms; none: images as they are.
    pub fn variants(&self) -> &'static [Variant] {
        match self.variant {
            None => &[],
            Some(Wanted::Docker) => &[Variant::Docker],
            Some(Wanted::K8s) => &[Variant::K8s],
            Some(Wanted::All) => &Variant::ALL,
        }
    }

    /// What is wished about them.
    pub fn wishes(&self) -> Wishes {
        Wishes {
            user: self.user.clone().unwrap_or_default(),
            always: self.user.is_some(),
        }
    }
}

/// `UID[:GID]`; the group is the user's number where it is not said.
fn user(text: &str) -> Result<User, String> {
    let wrong = || format!("expected numbers, UID or UID:GID, found {text:?}");
    let (uid, gid) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| {
        let number: u32 = text.parse().map_err(|_| wrong())?;
        // The last number means "nobody in particular" to the kernel.
        if number == u32::MAX {
            Err(wrong())
        } else {
            Ok(number)
        }
    };
    let user = User {
        uid: number(uid)?,
        gid: number(gid)?,
        ..User::default()
    };
    if user.uid == 0 {
        return Err("the k8s form is not run by root: choose another number".to_owned());
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        let ids = |text: &str| user(text).ok().map(|user| (user.uid, user.gid));
        assert_eq!(ids("1001"), Some((1001, 1001)));
        assert_eq!(ids("1001:0"), Some((1001, 0)));
        for text in ["0", "0:5", "app", "1:x", "-1", "4294967295", ""] {
            assert_eq!(ids(text), None, "{text}");
        }
    }
}
