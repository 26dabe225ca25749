package io.sampo.storage.log;

import static io.sampo.storage.log.Drafts.append;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.storage.keys.KeyIndex;
import io.sampo.storage.keys.KeyMatches;
import io.sampo.storage.keys.KeyQuery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages are found by their keys, in full segments and in the active one, whatever was lost. */
class KeyIndexTest {
  private static final int SEGMENT_BYTES = 64 << 10;
  private static final long NEVER_MS = Long.MAX_VALUE;
  private static final BooleanSupplier NO_HURRY = () -> false;

  @TempDir Path folder;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final List<Stored> stored = new ArrayList<>();

  /** What the test knows of a message. */
  private record Stored(
      String topic, @Nullable String unique, List<String> keys, long timeMs, long position) {
    boolean is(KeyQuery query) {
      boolean named =
          query.key().equals(unique) || (!query.uniqueOnly() && keys.contains(query.key()));
      return named
          && topic.equals(query.topic())
          && timeMs >= query.fromMs()
          && timeMs <= query.toMs();
    }
  }

  private SegmentedLog open() throws IOException {
    return SegmentedLog.open(new LogSettings(folder, SEGMENT_BYTES, 8 << 10, 8 << 10));
  }

  private void write(SegmentedLog log, long upTo) throws IOException {
    if (log.epoch() == 0) {
      log.beginEpoch(1);
    }
    long timeMs = stored.isEmpty() ? 1_000 : stored.get(stored.size() - 1).timeMs;
    while (log.writtenPosition() < upTo) {
      for (int i = random.nextInt(4); i >= 0; i--) {
        timeMs += random.nextInt(3);
        String topic = "t" + random.nextInt(3);
        String unique = random.nextInt(10) == 0 ? null : "U" + stored.size();
        List<String> keys = new ArrayList<>();
        for (int k = random.nextInt(4); k > 0; k--) {
          keys.add("key" + random.nextInt(200));
        }
        stored.add(
            new Stored(
                topic,
                unique,
                keys,
                timeMs,
                append(log, keyed(topic, unique, keys), timeMs).position));
      }
      log.endBatch();
    }
  }

  private static MessageDraft keyed(String topic, @Nullable String unique, List<String> keys) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("color", "KEYS");
    if (!keys.isEmpty()) {
      properties.put(MessageProperties.KEYS, String.join(" ", keys));
    }
    if (unique != null) {
      properties.put(MessageProperties.UNIQUE_KEY, unique);
    }
    ByteBuffer body = ByteBuffer.wrap(new byte[50]);
    return MessageDraft.to(new QueueKey(topic, 0))
        .body(body, BodyCrc.of(body))
        .properties(MessageProperties.encode(properties), 0)
        .build();
  }

  private static KeyQuery any(String topic, String key) {
    return new KeyQuery(topic, key, false, 0, NEVER_MS, 1_000);
  }

  private KeyQuery someQuery() {
    int about = random.nextInt(stored.size());
    boolean unique = random.nextBoolean();
    String key =
        random.nextInt(3) == 0
            ? "U" + random.nextInt(stored.size() + 10)
            : "key" + random.nextInt(210);
    boolean all = random.nextBoolean();
    return new KeyQuery(
        "t" + random.nextInt(3),
        key,
        unique,
        all ? 0 : stored.get(about).timeMs - random.nextInt(300),
        all ? NEVER_MS : stored.get(about).timeMs + random.nextInt(300),
        1 + random.nextInt(random.nextBoolean() ? 4 : 500));
  }

  private List<Long> expected(KeyQuery query, long end) {
    List<Long> positions = new ArrayList<>();
    for (Stored message : stored) {
      if (message.position < end && message.is(query)) {
        positions.add(message.position);
      }
    }
    Collections.reverse(positions);
    return positions.subList(0, Math.min(query.max(), positions.size()));
  }

  private static List<Long> found(KeyMatches matches) {
    List<Long> positions = new ArrayList<>();
    for (int i = 0; i < matches.count(); i++) {
      positions.add(matches.position(i));
    }
    return positions;
  }

  private void assertAllFound(LogReader log) throws IOException {
    for (int i = 0; i < 300; i++) {
      KeyQuery query = someQuery();
      KeyMatches matches = log.find(query, log.writtenPosition(), NO_HURRY);
      assertThat(matches.isComplete()).isTrue();
      assertThat(found(matches))
          .as("seed %d: %s", seed, query)
          .isEqualTo(expected(query, log.writtenPosition()));
    }
  }

  @Test
  void everyMessageIsFoundByItsKeys() throws IOException {
    try (SegmentedLog log = open()) {
      for (int part = 1; part <= 10; part++) {
        write(log, part * SEGMENT_BYTES / 3);
        assertAllFound(log);
      }
    }
    try (SegmentedLog log = open()) {
      assertAllFound(log);
      write(log, 5 * SEGMENT_BYTES);
      assertAllFound(log);
    }
    assertThat(LogFiles.withSuffix(folder, ".keys")).isNotEmpty();
  }

  @Test
  void whatIsMeantIsToldByTheTextsAndNotByTheirHash() throws IOException {
    try (SegmentedLog log = open()) {
      log.beginEpoch(1);
      append(log, keyed("t0", "U1", List.of("a", "bc", "a")), 5);
      append(log, keyed("t1", "a", List.of()), 6);
      log.endBatch();
      long end = log.writtenPosition();
      assertThat(log.find(any("t0", "a"), end, NO_HURRY).count()).isEqualTo(1);
      assertThat(log.find(any("t0", "bc"), end, NO_HURRY).count()).isEqualTo(1);
      assertThat(log.find(any("t0", "b"), end, NO_HURRY).count()).isZero();
      assertThat(log.find(any("t0", "a bc"), end, NO_HURRY).count()).isZero();
      assertThat(log.find(any("t1", "a"), end, NO_HURRY).count()).isEqualTo(1);
      assertThat(log.find(new KeyQuery("t0", "a", true, 0, NEVER_MS, 9), end, NO_HURRY).count())
          .isZero();
      assertThat(log.find(new KeyQuery("t1", "a", true, 0, NEVER_MS, 9), end, NO_HURRY).count())
          .isEqualTo(1);
    }
  }

  @Test
  void nothingAtOrBehindTheEndIsShown() throws IOException {
    try (SegmentedLog log = open()) {
      write(log, 2 * SEGMENT_BYTES);
      for (int i = 0; i < 50; i++) {
        KeyQuery query = someQuery();
        long end = stored.get(random.nextInt(stored.size())).position;
        List<Long> shown = found(log.find(query, end, NO_HURRY));
        assertThat(shown).as("seed %d", seed).allMatch(position -> position < end);
      }
      assertAllFound(log);
    }
  }

  @Test
  void aRecordHasABoundedNumberOfKeys() throws IOException {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add("k" + i);
    }
    try (SegmentedLog log = open()) {
      log.beginEpoch(1);
      append(log, keyed("t0", null, many), 5);
      log.endBatch();
      long end = log.writtenPosition();
      assertThat(log.find(any("t0", "k63"), end, NO_HURRY).count()).isEqualTo(1);
      assertThat(log.find(any("t0", "k64"), end, NO_HURRY).count()).isZero();
    }
  }

  @Test
  void aQueryWhoseTimeIsOverSaysSo() throws IOException {
    try (SegmentedLog log = open()) {
      write(log, 3 * SEGMENT_BYTES);
      KeyMatches none = log.find(any("t0", "key1"), log.writtenPosition(), () -> true);
      assertThat(none.isComplete()).isFalse();
      assertThat(none.count()).isZero();
      assertAllFound(log);
    }
  }

  @Test
  void lostAndDamagedKeyFilesAreMadeAnew() throws IOException {
    try (SegmentedLog log = open()) {
      write(log, 3 * SEGMENT_BYTES);
      assertAllFound(log);
    }
    List<Path> files = LogFiles.withSuffix(folder, ".keys");
    assertThat(files).hasSize(3);
    byte[] original = Files.readAllBytes(files.get(1));
    for (int way = 0; way < 8; way++) {
      Path file = files.get(1);
      switch (way) {
        case 0 -> Files.delete(file);
        case 1 -> LogFiles.flip(file, 20 + random.nextInt(original.length - 100));
        case 2 -> Files.write(file, new byte[0]);
        case 3 -> Files.write(file, Arrays.copyOf(original, original.length - 20));
        case 4 -> LogFiles.flip(file, original.length - 5); // how many runs there are
        case 5 -> Files.write(file, new byte[original.length]);
        case 6 -> Files.write(file, Files.readAllBytes(files.get(0)));
        default -> LogFiles.flip(file, original.length - 20); // a store time
      }
      try (SegmentedLog log = open()) {
        assertAllFound(log);
      }
      assertThat(Files.readAllBytes(file)).as("way %d, seed %d", way, seed).isEqualTo(original);
    }
  }

  @Test
  void keyFilesLostWhileTheLogIsOpenAreMadeAnew() throws IOException {
    try (SegmentedLog log = open()) {
      write(log, 3 * SEGMENT_BYTES);
      assertAllFound(log);
      for (Path file : LogFiles.withSuffix(folder, ".keys")) {
        Files.delete(file);
      }
      assertAllFound(log);
    }
  }

  @Test
  void filesOfSegmentsThatAreGoneAreDeletedAtTheStart() throws IOException {
    Path orphan = folder.resolve("%020d.keys".formatted(7 * SEGMENT_BYTES));
    Path half = folder.resolve("%020d.keys.new".formatted(0));
    Files.write(orphan, new byte[] {1});
    Files.write(half, new byte[] {1});
    try (SegmentedLog log = open()) {
      assertThat(orphan).doesNotExist();
      assertThat(half).doesNotExist();
    }
  }

  @Test // each batch fills a run, so that the file of the active segment grows while it is searched
  void aSegmentOfManyRunsIsSearchedAsOne() throws IOException {
    long end;
    try (SegmentedLog log = open()) {
      write(log, 2 * SEGMENT_BYTES);
      end = log.writtenPosition();
    }
    List<LogSegment> opened = new ArrayList<>();
    try (LogDirectory directory = LogDirectory.open(folder)) {
      for (Path file : directory.segmentFiles()) {
        opened.add(LogSegment.open(file, LogDirectory.basePosition(file), false));
      }
      for (Path file : LogFiles.withSuffix(folder, ".keys")) {
        Files.delete(file);
      }
      LogSegment[] segments = opened.toArray(LogSegment[]::new);
      try (KeyIndex keys = new KeyIndex(directory, () -> segments, 3)) {
        for (long shown = 1_000; shown < end; shown += 7_000) {
          keys.find(any("t0", "key1"), shown, NO_HURRY);
        }
        for (int i = 0; i < 300; i++) {
          KeyQuery query = someQuery();
          assertThat(found(keys.find(query, end, NO_HURRY)))
              .as("seed %d: %s", seed, query)
              .isEqualTo(expected(query, end));
        }
      }
    } finally {
      opened.forEach(LogSegment::release);
    }
  }
}
