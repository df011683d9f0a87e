//! Tokens that are as they should be but for one thing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::{Expected, JwtError, verify};

/// Signs, and shows the key as a provider does.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let (kind, chance) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(kind, &chance).expect("a key");
        Self(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &chance).expect("the key"))
    }

    fn key(&self, id: &str) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": id, "x": x, "y": y })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        format!(
            "{signed}.{}",
            encode(signature.expect("a signature").as_ref())
        )
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn who_is_believed() {
    let (ours, other) = (Signer::new(), Signer::new());
    let keys = json!({ "keys": [{ "kty": "RSA", "kid": "r" }, ours.key("a"), other.key("b")] });
    let header = json!({ "alg": "ES256", "kid": "a" });
    let claims = json!({ "iss": "https://id.test", "aud": "boatyard", "nonce": "n", "exp": 1000, "iat": 900, "sub": "1" });
    let cases: [(Value, Value, Result<(), JwtError>); 20] = [
        (json!({}), json!({}), Ok(())),
        (json!({ "kid": null }), json!({}), Err(JwtError::Key)),
        (json!({ "kid": "b" }), json!({}), Err(JwtError::Signature)),
        (json!({ "kid": "c" }), json!({}), Err(JwtError::Key)),
        (json!({ "kid": "r" }), json!({}), Err(JwtError::Key)),
        (
            json!({ "alg": "RS256", "kid": "r" }),
            json!({}),
            Err(JwtError::Signature),
        ),
        (
            json!({ "alg": "none" }),
            json!({}),
            Err(JwtError::Algorithm),
        ),
        (
            json!({ "alg": "HS256" }),
            json!({}),
            Err(JwtError::Algorithm),
        ),
        (
            json!({ "crit": ["exp"] }),
            json!({}),
            Err(JwtError::Algorithm),
        ),
        (
            json!({}),
            json!({ "iss": "https://id.test/" }),
            Err(JwtError::Issuer),
        ),
        (
            json!({}),
            json!({ "aud": "other" }),
            Err(JwtError::Audience),
        ),
        (json!({}), json!({ "aud": ["boatyard"] }), Ok(())),
        (
            json!({}),
            json!({ "aud": ["boatyard", "other"] }),
            Err(JwtError::Audience),
        ),
        (
            json!({}),
            json!({ "aud": ["boatyard", "other"], "azp": "boatyard" }),
            Ok(()),
        ),
        (
            json!({}),
            json!({ "azp": "other" }),
            Err(JwtError::Audience),
        ),
        (json!({}), json!({ "nonce": "m" }), Err(JwtError::Nonce)),
        (json!({}), json!({ "nonce": null }), Err(JwtError::Nonce)),
        (json!({}), json!({ "exp": 900 }), Err(JwtError::Time)),
        (json!({}), json!({ "exp": null }), Err(JwtError::Time)),
        (json!({}), json!({ "iat": 1100 }), Err(JwtError::Time)),
    ];
    let expected = Expected {
        issuer: "https://id.test",
        client: "boatyard",
        nonce: "n",
        now: 1000,
    };
    let with = |value: &Value, more: &Value| {
        let mut value = value.clone();
        for (name, field) in more.as_object().expect("fields") {
            value[name] = field.clone();
        }
        value
    };
    for (of_header, of_claims, result) in cases {
        let token = ours.sign(&with(&header, &of_header), &with(&claims, &of_claims));
        let found = verify(&token, &keys, &expected).map(|_| ());
        assert_eq!(found, result, "{of_header} {of_claims}");
    }
    let token = ours.sign(&header, &claims);
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let (head, _) = signed.split_once('.').expect("two parts");
    let forged = claims.to_string().replace("\"1\"", "\"2\"");
    let forged = format!("{head}.{}.{signature}", encode(forged.as_bytes()));
    for (token, error) in [
        (forged.as_str(), JwtError::Signature),
        (signed, JwtError::Malformed),
        ("", JwtError::Malformed),
        ("a.b.c", JwtError::Malformed),
        (&format!("{token}.x"), JwtError::Malformed),
        (&format!("{signed}."), JwtError::Signature),
    ] {
        assert_eq!(verify(token, &keys, &expected), Err(error), "{token}");
    }
}

/// RFC 7515, appendix A.2: a token and its key that others have made.
#[test]
fn a_known_token_of_rsa() {
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let key = json!({ "kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" });
    let expected = Expected {
        issuer: "joe",
        client: "",
        nonce: "",
        now: 0,
    };
    // Its signature is right, and it is for nobody in particular.
    let keys = json!({ "keys": [key] });
    assert_eq!(verify(token, &keys, &expected), Err(JwtError::Audience));
    let other = token.replace(".cC4h", ".cC5h");
    assert_eq!(verify(&other, &keys, &expected), Err(JwtError::Signature));
}
