package io.sampo.cluster.protocol;

/**
 * A membership record in a log.
 *
 * @param endPosition where its frame ends: it is committed when the commit position is there
 */
public record MembershipMark(long endPosition, Membership membership) {}
