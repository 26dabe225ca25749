/** A log group and its queues. */
@NullMarked
package io.sampo.actors.group;

import org.jspecify.annotations.NullMarked;
