/** What may cross the network between nodes. */
@NullMarked
package io.sampo.cluster.serialization;

import org.jspecify.annotations.NullMarked;
