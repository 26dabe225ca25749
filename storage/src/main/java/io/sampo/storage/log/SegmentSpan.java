package io.sampo.storage.log;

/**
 * A segment that is full.
 *
 * @param basePosition of its first byte
 * @param endPosition behind its last
 * @param newestMs a time that no message in it was stored after, {@link Long#MAX_VALUE} when that
 *     isn't known yet
 */
public record SegmentSpan(long basePosition, long endPosition, long newestMs) {}
