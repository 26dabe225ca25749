/** Lets go of a log's beginning once nothing there is needed any more. */
@NullMarked
package io.sampo.actors.retention;

import org.jspecify.annotations.NullMarked;
