/** Tests of what a release consists of beside Java code: the launcher. */
@NullMarked
package dev.freshet.release;

import org.jspecify.annotations.NullMarked;
