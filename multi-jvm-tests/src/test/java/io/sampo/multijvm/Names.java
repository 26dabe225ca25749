package io.sampo.multijvm;

import java.util.concurrent.atomic.AtomicInteger;

/** Names of topics and groups that no other test of this run uses, so that tests share a node. */
final class Names {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private Names() {}

  /** The word and a number. */
  static String fresh(String word) {
    return word + "-" + NEXT.incrementAndGet();
  }
}
