/** The load: runs in a process of its own, with nothing of the product on its class path. */
@NullMarked
package io.sampo.bench.load;

import org.jspecify.annotations.NullMarked;
