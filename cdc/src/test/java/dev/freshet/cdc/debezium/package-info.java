/** Change capture by way of Debezium, on real servers. */
@NullMarked
package dev.freshet.cdc.debezium;

import org.jspecify.annotations.NullMarked;
