/** Administration of a real PostgreSQL. */
@NullMarked
package dev.freshet.cdc.server;

import org.jspecify.annotations.NullMarked;
