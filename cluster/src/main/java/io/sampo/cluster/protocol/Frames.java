package io.sampo.cluster.protocol;

import java.util.List;

/**
 * A run of whole frames of a log, on its way from one replica to another. The protocol looks only
 * at where it lies and at what it marks; whoever receives it over a network has checked its
 * checksums before the protocol sees it.
 *
 * @param position of its first byte
 * @param endPosition behind its last byte
 * @param epochs the epochs that begin in it
 * @param memberships the membership records in it
 * @param bytes the frames themselves, in whatever form those who read and write them agree on
 */
public record Frames(
    long position,
    long endPosition,
    List<EpochStart> epochs,
    List<MembershipMark> memberships,
    Object bytes) {
  public Frames {
    if (endPosition < position) {
      throw new IllegalArgumentException("frames from " + position + " to " + endPosition);
    }
  }

  public boolean isEmpty() {
    return position == endPosition;
  }
}
