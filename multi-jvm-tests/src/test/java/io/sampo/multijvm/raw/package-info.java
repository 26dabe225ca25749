/** The wire written by hand, to say things no client says. */
@NullMarked
package io.sampo.multijvm.raw;

import org.jspecify.annotations.NullMarked;
