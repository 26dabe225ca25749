package io.sampo.actors.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DueIndexTest {
  private static final long CACHE_BYTES = 1 << 20;
  private static final long FOREVER = Long.MAX_VALUE;

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("schedule").resolve("due.index");
  }

  private static DueEntry entry(long dueMs, long offset) {
    return new DueEntry(dueMs, offset, 1000 + offset * 200, 200, (int) (offset * 31));
  }

  /** What an index holds, for comparison. */
  private static List<DueEntry> all(DueIndex index) {
    return index.entries(Long.MIN_VALUE, -1, FOREVER, Integer.MAX_VALUE);
  }

  /** A model of the index: what waits, in order, and what the records say of their due times. */
  private static final class Model {
    final TreeSet<DueEntry> waiting =
        new TreeSet<>(
            Comparator.comparingLong(DueEntry::dueMs).thenComparingLong(DueEntry::offset));
    final List<Long> recordDueMs = new ArrayList<>();

    long next() {
      return recordDueMs.size();
    }

    DueEntry anyOf(Random random) {
      return List.copyOf(waiting).get(random.nextInt(waiting.size()));
    }

    Model copy() {
      Model copy = new Model();
      copy.waiting.addAll(waiting);
      copy.recordDueMs.addAll(recordDueMs);
      return copy;
    }
  }

  @Test
  void behavesLikeItsModelOverClosesAndCrashes() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Model model = new Model();
    Model committed = model.copy();
    DueIndex index = DueIndex.open(file(), CACHE_BYTES);
    for (int step = 0; step < 6000; step++) {
      String context = "seed " + seed + " step " + step;
      int dice = random.nextInt(1000);
      if (dice < 800 || (dice < 970 && model.waiting.isEmpty())) {
        DueEntry added = entry(1000 + random.nextInt(50_000), model.next());
        index.add(added);
        model.waiting.add(added);
        model.recordDueMs.add(added.dueMs());
        index.takenIn(DueIndex.Source.SCHEDULE, model.next(), -model.next());
      } else if (dice < 940) {
        DueEntry gone = model.anyOf(random);
        model.waiting.remove(gone);
        index.remove(model.recordDueMs.get((int) gone.offset()), gone.offset());
        index.remove(model.recordDueMs.get((int) gone.offset()), gone.offset());
      } else if (dice < 970) {
        DueEntry late = model.anyOf(random);
        long newDueMs = late.dueMs() + random.nextInt(5000);
        index.putOff(late, newDueMs);
        model.waiting.remove(late);
        model.waiting.add(
            new DueEntry(
                newDueMs, late.offset(), late.position(), late.sizeBytes(), late.keyHash()));
      } else if (dice < 990) {
        index.commit();
        committed = model.copy();
      } else if (dice < 995) {
        index.close();
        index = DueIndex.open(file(), CACHE_BYTES);
        committed = model.copy();
      } else {
        Path crashed = directory.resolve("crashed");
        Files.copy(file(), crashed, StandardCopyOption.REPLACE_EXISTING);
        index.close();
        Files.move(crashed, file(), StandardCopyOption.REPLACE_EXISTING);
        index = DueIndex.open(file(), CACHE_BYTES);
        model = committed.copy();
      }
      if (step % 100 == 0 || dice >= 990) {
        assertThat(all(index)).as(context).isEqualTo(List.copyOf(model.waiting));
        assertThat(index.size()).as(context).isEqualTo(model.waiting.size());
        assertThat(index.nextOffset(DueIndex.Source.SCHEDULE)).as(context).isEqualTo(model.next());
        assertThat(index.mark(DueIndex.Source.SCHEDULE)).as(context).isEqualTo(-model.next());
        assertThat(index.firstDueMs())
            .as(context)
            .isEqualTo(model.waiting.isEmpty() ? FOREVER : model.waiting.first().dueMs());
      }
    }
    index.close();
  }

  @Test
  void givesEntriesInTheOrderOfDelivery() {
    try (DueIndex index = DueIndex.open(file(), CACHE_BYTES)) {
      index.add(entry(20, 0));
      index.add(entry(10, 1));
      index.add(entry(10, 2));
      index.add(entry(-5, 3));
      index.add(entry(30, 4));

      assertThat(index.entries(Long.MIN_VALUE, -1, 20, 10))
          .extracting(DueEntry::offset)
          .containsExactly(3L, 1L, 2L, 0L);
      assertThat(index.entries(10, 1, FOREVER, 2))
          .extracting(DueEntry::offset)
          .containsExactly(2L, 0L);
    }
  }

  @Test
  void startsAnewWhenItsFileIsDamaged() throws IOException {
    try (DueIndex index = DueIndex.open(file(), CACHE_BYTES)) {
      index.add(entry(20, 0));
    }
    byte[] garbage = Files.readAllBytes(file());
    new Random(1).nextBytes(garbage);
    Files.write(file(), garbage);
    try (DueIndex index = DueIndex.open(file(), CACHE_BYTES)) {
      assertThat(index.size()).isZero();
      assertThat(index.nextOffset(DueIndex.Source.SCHEDULE)).isZero();
    }
  }

  @Test
  void isOpenOnlyOnce() {
    try (DueIndex first = DueIndex.open(file(), CACHE_BYTES)) {
      assertThatThrownBy(() -> DueIndex.open(file(), CACHE_BYTES))
          .isInstanceOf(DueIndexException.class)
          .hasMessageContaining("in use");
      assertThat(first.size()).isZero();
    }
  }

  @Test
  void isRemovedWhenItIsDiscarded() {
    DueIndex index = DueIndex.open(file(), CACHE_BYTES);
    index.add(entry(20, 0));
    index.discard();
    index.close();
    assertThat(file()).doesNotExist();
  }
}
