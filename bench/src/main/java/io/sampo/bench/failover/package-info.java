/** How long clients go without an acknowledged send when a node of a cluster fails or stops. */
@NullMarked
package io.sampo.bench.failover;

import org.jspecify.annotations.NullMarked;
