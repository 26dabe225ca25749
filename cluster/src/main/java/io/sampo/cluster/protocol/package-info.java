/**
 * The replication protocol as a pure state machine: inputs in, effects out; no clock, no thread, no
 * IO, nothing but the JDK. Begin with {@link io.sampo.cluster.protocol.ReplicaCore}.
 */
@NullMarked
package io.sampo.cluster.protocol;

import org.jspecify.annotations.NullMarked;
