"""The field of a file that lies beside the patch, such as a recording."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from engine.ports import Setting
from patcher.editing.carrying import copy, refusal
from patcher.widgets.fields.field import Field

NONE = "choose a file"


class AssetField(Field):
    """A file; a click chooses one. It lies beside the patch, or is copied there."""

    RESETS: ClassVar[bool] = False

    def call(self, value: Any, short: bool = False) -> str:
        return str(value).rpartition("/")[2] or NONE

    def enter(self) -> None:
        self._click()

    @property
    def missing(self) -> bool:
        """Whether there is no such file."""
        folder = self.editor.document.folder
        return bool(self.value) and not (folder and os.path.isfile(folder / self.value))

    def _click(self) -> None:
        port, folder = self.place.port, self.editor.document.folder
        assert isinstance(port, Setting)
        assert port.asset
        if folder is None or self.editor.document.path is None:
            self.editor.say("Save the patch first: the files it names lie beside it", bad=True)
            return
        self.editor.dialogs.open_file(
            f"A file for {self.place}", folder, port.asset.suffixes, self._chosen
        )

    def _chosen(self, path: Path) -> None:
        folder = self.editor.document.folder
        if folder is None:
            return
        path, folder = path.resolve(), folder.resolve()
        if path.is_relative_to(folder):
            self.turn(path.relative_to(folder).as_posix())
            return
        self.editor.dialogs.ask(
            "Copy the file?",
            f"The files that a patch names lie beside it, so that it can be shared. "
            f"Copy {path.name} to {folder}?",
            ("Copy", lambda: self._copy(path, folder)),
            ("Cancel", lambda: None),
        )

    def _copy(self, path: Path, folder: Path) -> None:
        try:
            copy(path, folder / path.name)
        except OSError as error:
            self.editor.say(refusal(path.name, folder, error), bad=True)
        else:
            self.turn(path.name)

    def _ink(self) -> str:
        palette = self.look.palette
        return palette.bad if self.missing else super()._ink() if self.value else palette.faint

    def _present(self, short: bool = False) -> str:
        return super()._present(short) + (" (missing)" if self.missing else "")
