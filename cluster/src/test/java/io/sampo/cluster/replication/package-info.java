@NullMarked
package io.sampo.cluster.replication;

import org.jspecify.annotations.NullMarked;
