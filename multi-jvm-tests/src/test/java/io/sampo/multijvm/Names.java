package io.sampo.multijvm;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Names of topics, groups and clients that no other test uses, so that tests share a node. Nor does
 * an earlier run: a broadcast consumer finds its offsets again, on this machine, by such names.
 */
final class Names {
  private static final String RUN = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Names() {}

  /** The word, the run and a number. */
  static String fresh(String word) {
    return word + "-" + RUN + "-" + NEXT.incrementAndGet();
  }
}
