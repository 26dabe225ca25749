/** The protocol's rules one by one, and a simulator that tries to break them all together. */
@NullMarked
package io.sampo.cluster.protocol;

import org.jspecify.annotations.NullMarked;
