package io.sampo.storage.index;

import java.io.IOException;

/** Makes the index of a sealed segment anew from the segment itself. */
@FunctionalInterface
public interface IndexRebuild {
  /**
   * Reads a whole segment, which takes as long as the disk needs for it.
   *
   * @param segmentBase where the segment starts
   * @throws IOException when the segment is damaged itself, or gone
   */
  FrozenIndex rebuild(long segmentBase) throws IOException;
}
