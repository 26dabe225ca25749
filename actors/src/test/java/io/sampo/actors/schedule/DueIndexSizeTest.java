package io.sampo.actors.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an index costs in which very many messages wait, at random times within a year. A small one
 * by default; {@code -Ddue-index.entries=10000000 -Dtest.heap=-Xmx300m} has the size and the heap
 * that are promised. What was measured is printed to {@code
 * target/surefire-reports/…DueIndexSizeTest-output.txt}.
 */
class DueIndexSizeTest {
  private static final long CACHE_BYTES = 16 << 20; // the default
  private static final long HEAP_GROWTH_MAX = 64 << 20;
  private static final long SEED = 20111;
  private static final long YEAR_MS = Duration.ofDays(365).toMillis();
  private static final Duration OPEN_MAX = Duration.ofSeconds(5);
  private static final int DUE = 1000;

  @TempDir private Path directory;

  @Test
  void neitherTheHeapNorTheStartGrowsWithWhatWaits() throws IOException {
    long entries = Long.getLong("due-index.entries", 100_000);
    Path file = directory.resolve("due.index");
    long heapBefore = usedHeap();
    long filledNs = System.nanoTime();
    fill(file, entries);
    filledNs = System.nanoTime() - filledNs;

    long openedNs = System.nanoTime();
    DueIndex index = DueIndex.open(file, CACHE_BYTES);
    List<DueEntry> first = index.entries(Long.MIN_VALUE, -1, Long.MAX_VALUE, DUE);
    openedNs = System.nanoTime() - openedNs;
    long heapGrowth = usedHeap() - heapBefore;

    System.out.printf(
        "%d entries: filled in %d ms, file %d MiB, opened and the first %d read in %d ms,"
            + " heap grown by %d MiB%n",
        entries,
        filledNs / 1_000_000,
        Files.size(file) >> 20,
        DUE,
        openedNs / 1_000_000,
        heapGrowth >> 20);
    assertThat(index.size()).isEqualTo(entries);
    assertThat(first)
        .hasSize(DUE)
        .isSortedAccordingTo((a, b) -> Long.compare(a.dueMs(), b.dueMs()));
    assertThat(Duration.ofNanos(openedNs)).isLessThan(OPEN_MAX);
    assertThat(heapGrowth).isLessThan(HEAP_GROWTH_MAX);
    index.close();
  }

  private static void fill(Path file, long entries) {
    Random random = new Random(SEED);
    DueIndex index = DueIndex.open(file, CACHE_BYTES);
    for (long offset = 0; offset < entries; offset++) {
      long dueMs = (long) (random.nextDouble() * YEAR_MS);
      index.add(new DueEntry(dueMs, offset, offset * 300, 300, (int) offset * 31));
      index.takenIn(DueIndex.Source.SCHEDULE, offset + 1, -offset);
      if (index.hasManyChanges()) {
        index.commit();
      }
    }
    index.close();
  }

  private static long usedHeap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
