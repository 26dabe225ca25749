/** The commit log: mapped, preallocated segments of framed batches. */
@NullMarked
package io.sampo.storage.log;

import org.jspecify.annotations.NullMarked;
