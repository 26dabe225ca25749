package io.sampo.cluster.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A frame of a simulated log.
 *
 * @param content stands for the bytes: two frames with the same content are the same
 * @param membership of a membership record
 */
record SimulatedFrame(
    long position,
    long end,
    long epoch,
    boolean beginsEpoch,
    long content,
    @Nullable Membership membership) {}
