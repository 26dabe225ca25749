/**
 * Where the records of a queue are: in memory for the active segment, one file per sealed segment.
 */
@NullMarked
package io.sampo.storage.index;

import org.jspecify.annotations.NullMarked;
