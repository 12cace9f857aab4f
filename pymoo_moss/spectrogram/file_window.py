"""`FileWindow`: a part of a file as decoders may read it."""

import io
from typing import Any, NamedTuple


class Patch(NamedTuple):
    """Bytes that are read at a place instead of those of the file."""

    place: int
    content: bytes


class FileWindow(io.RawIOBase):
    """A part of a file, read and sought in as a file of its own.

    It has no name, because decoders would choose formats by it. Nothing that decoders call raises an error,
    because they print the errors of their callbacks: a place before the beginning, which damaged headers
    name, is not moved to, and where the file cannot be read it ends; see `check`. Of the file ``read``,
    ``seek`` and ``tell`` are used alone, and it is not closed.
    """

    def __init__(self, file: Any, start: int = 0, end: int | None = None, patch: Patch | None = None) -> None:
        """Show the bytes from ``start`` to ``end``, by default all of them, but for those of a patch."""
        self._file, self._start, self._place, self._patch = file, start, 0, patch
        self._failure: BaseException | None = None
        if end is None:
            file.seek(0, io.SEEK_END)
            end = file.tell()
        self.length = max(end - start, 0)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read as many bytes as a buffer has, unless the file ends or cannot be read further."""
        with memoryview(buffer).cast("B") as view:
            content = self.read(len(view))
            view[: len(content)] = content
        return len(content)

    def read(self, size: int | None = -1, /) -> bytes:
        """Read ``size`` bytes, or all that are left, unless the file ends or cannot be read further."""
        try:
            if self._failure is not None:
                return b""
            return self._patched(self._place, self._read(-1 if size is None else size))
        # Also that of a user who interrupts it.
        except BaseException as error:
            self._failure = error
            return b""

    def _read(self, size: int) -> bytes:
        left = max(self.length - self._place, 0)
        missing = left if size < 0 else min(size, left)
        if missing == 0:
            return b""
        parts: list[bytes] = []
        self._file.seek(self._start + self._place)
        while missing > 0:
            part = self._file.read(missing)
            if part is None:
                raise OSError("it has nothing to read yet, and does not wait")
            if len(part) == 0:
                break
            # Decoders copy what they get to where there is room for what they asked for.
            if len(part) > missing:
                raise OSError(f"asked for {missing} bytes, got {len(part)}")
            parts.append(part)
            missing -= len(part)
            self._place += len(part)
        return b"".join(parts)

    def _patched(self, place: int, content: bytes) -> bytes:
        if self._patch is None or self._patch.place >= place + len(content):
            return content
        patched = bytearray(content)
        for number, byte in enumerate(self._patch.content, self._patch.place - place):
            if 0 <= number < len(patched):
                patched[number] = byte
        return bytes(patched)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a place, or stay where that is none."""
        place = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.length}[whence] + offset
        if place >= 0:
            self._place = place
        return self._place

    def tell(self) -> int:
        """Return the place of what is read next."""
        return self._place

    def check(self) -> None:
        """Make sure that the file could be read.

        Raises:
            OSError: it could not.
            BaseException: the user interrupted it.
        """
        if isinstance(self._failure, Exception) and not isinstance(self._failure, OSError):
            raise OSError(str(self._failure) or type(self._failure).__name__) from self._failure
        if self._failure is not None:
            raise self._failure
