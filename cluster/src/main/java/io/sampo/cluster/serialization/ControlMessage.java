package io.sampo.cluster.serialization;

/**
 * Marks what may cross the network between nodes: small control messages, as CBOR. Message bodies
 * never do.
 */
public interface ControlMessage {}
