/** Tests of the configuration: what is loaded, and every text that a person may see. */
@NullMarked
package dev.freshet.config;

import org.jspecify.annotations.NullMarked;
