/* versions.h: of the libraries beneath the engine, for who helps. */
#pragma once

/* A line each: those that run, and for the helpers' those that they were built with. */
char *bipe_versions_describe (void);
