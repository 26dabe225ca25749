package io.sampo.cluster.protocol;

/**
 * Where an epoch's part of a log begins: at its epoch record.
 *
 * @param epoch 1 or more
 * @param position of the epoch record's first byte
 */
public record EpochStart(long epoch, long position) {}
