/**
 * Which nodes a cluster has, which of them has a replica of which log group, and where each log
 * group should be led.
 */
@NullMarked
package io.sampo.cluster.placement;

import org.jspecify.annotations.NullMarked;
