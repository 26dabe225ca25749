package io.sampo.cluster.protocol;

/**
 * What must be known at a log's first byte of everything before it: with this a log may begin
 * anywhere.
 *
 * @param position of the log's first byte; everything below was committed and then dropped
 * @param epoch the epoch of the byte before it, 0 when there never was one
 * @param membership in force there
 */
public record LogBase(long position, long epoch, Membership membership) {}
