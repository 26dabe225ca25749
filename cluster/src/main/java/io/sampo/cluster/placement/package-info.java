/** Which node leads which log group. */
@NullMarked
package io.sampo.cluster.placement;

import org.jspecify.annotations.NullMarked;
