@NullMarked
package io.sampo.cluster.placement;

import org.jspecify.annotations.NullMarked;
