# Placeholder until the border's owner fills it: viadux_add_plugin(NAME SOURCES ...)
