/** The stored message record, which is also what a pull sends. */
@NullMarked
package io.sampo.record;

import org.jspecify.annotations.NullMarked;
