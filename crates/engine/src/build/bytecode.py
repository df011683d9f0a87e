"""Compiles modules, several batches at once. Arguments: a folder, and how many processes.

The folder holds "sources": batches of paths, each path and each batch ended by a NUL. A batch becomes a file "0", "1"... of
records: a line with the number of a path in its batch, the length of its bytecode, and how that is called; then the bytecode.
"""
import gc
import marshal
import os
import sys
import warnings
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash

# By hash, which is not checked (PEP 552): the times of an image are not those of the installation.
UNCHECKED = (1).to_bytes(4, "little")


def bytecode(path):
    """What the interpreter keeps of a module; None for what it cannot compile, such as templates of modules."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
        return MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code)
    except Exception:
        return None


def compile_batch(paths, to):
    with open(to, "xb") as out:
        for number, path in enumerate(paths):
            code = bytecode(path)
            if code is not None:
                name = os.fsencode(os.path.basename(cache_from_source(path)))
                out.write(b"%d %d %s\n" % (number, len(code), name))
                out.write(code)


def begin(work, *arguments):
    """Works in a process of its own: what marshal writes of a constant may depend on what the process has interned before."""
    if os.fork() == 0:
        try:
            work(*arguments)
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        finally:
            os._exit(1)


def main(folder, most):
    with open(os.path.join(folder, "sources"), "rb") as file:
        batches = file.read().split(b"\0\0")[:-1]
    # Code has no cycles of references; warnings are for whoever writes a package.
    gc.disable()
    warnings.simplefilter("ignore")
    running = failed = 0
    for number, batch in enumerate(batches):
        if running == most:
            failed += os.wait()[1] != 0
            running -= 1
        paths = [os.fsdecode(path) for path in batch.split(b"\0")]
        begin(compile_batch, paths, os.path.join(folder, str(number)))
        running += 1
    for _ in range(running):
        failed += os.wait()[1] != 0
    if failed:
        sys.exit("%d of %d batches of modules could not be compiled" % (failed, len(batches)))


main(sys.argv[1], int(sys.argv[2]))
