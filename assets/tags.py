"""The run tags that others rely on: why, by whom, for which cells and for which night a run is."""

NIGHT = "ansinh/night"
CELLS = "ansinh/cells"
PERIODS = "ansinh/periods"
REASON, OFFICER, DOCUMENT = "ansinh/reason", "ansinh/officer", "ansinh/document"
CONFIRM, FROM = "ansinh/confirm", "ansinh/from"
CORRECTION = "ansinh/correction"  # the periods that a run following loaded cells mends
SOURCE = "ansinh/source"
