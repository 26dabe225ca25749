package io.sampo.storage.index;

import java.util.ArrayDeque;

/**
 * Bounds how many index files of sealed segments are mapped at a time. When one more is opened, the
 * one that was opened longest ago and not read since the last round is let go (second chance).
 */
final class OpenIndexes {
  private final int openMax;
  private final ArrayDeque<SealedIndex> open = new ArrayDeque<>();

  OpenIndexes(int openMax) {
    this.openMax = openMax;
  }

  synchronized void opened(SealedIndex index) {
    // Each one passed over loses its mark, so the round ends.
    while (open.size() >= openMax) {
      SealedIndex oldest = open.removeFirst();
      if (oldest.takeUsed()) {
        open.addLast(oldest);
      } else {
        oldest.letGo();
      }
    }
    open.addLast(index);
  }
}
