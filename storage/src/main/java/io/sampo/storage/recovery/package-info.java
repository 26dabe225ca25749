/** Coming back after a crash: torn tails, epochs, the replica's own promises. */
@NullMarked
package io.sampo.storage.recovery;

import org.jspecify.annotations.NullMarked;
