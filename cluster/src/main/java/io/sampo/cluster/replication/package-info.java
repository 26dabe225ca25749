/** Replicas of log groups and the actor that owns a replica's log. */
@NullMarked
package io.sampo.cluster.replication;

import org.jspecify.annotations.NullMarked;
