package io.sampo.cluster.replication;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.NewestRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recognises the retries of sends that are in the log, so that they are answered with the first
 * one's place instead of being stored again. What it knows is a {@link SendWindow} of hashes and
 * positions; everything that decides is read from the record at the position. So the state is the
 * log itself, and a leadership begins by reading the newest part of it.
 *
 * <p>A send is a retry when the stored one is no older than the window, both are the same ({@link
 * SendComparison#isSame}), and it came over another connection. A connection that lives loses no
 * answer; so what an application sends over one twice on purpose, the same message object, is
 * stored twice. What consumer groups failed has a rule of its own, {@link ReturnedAgain}.
 *
 * <p>The commit log's thread only.
 */
final class RepeatedSends {
  private static final Logger LOG = LoggerFactory.getLogger(RepeatedSends.class);

  /** Recognised retries whose connection is remembered; it isn't in the log. */
  private static final int RETRIES_MAX = 4096;

  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private final DeduplicationSettings settings;
  private final ReplicaLog log;
  private final InstantSource clock;
  private final SendWindow window;

  /** The port that the last recognised retry of a send came from, by the position of the first. */
  private final Map<Long, Integer> retryPorts =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
          return size() > RETRIES_MAX;
        }
      };

  RepeatedSends(DeduplicationSettings settings, ReplicaLog log, InstantSource clock) {
    this.settings = settings;
    this.log = log;
    this.clock = clock;
    this.window = new SendWindow(settings.sends());
  }

  /** A leadership begins: learns what the log's newest part holds. */
  void begin() {
    window.clear();
    retryPorts.clear();
    if (!settings.enabled()) {
      return;
    }
    long startedNs = System.nanoTime();
    int[] known = new int[1];
    NewestRecords newest =
        new NewestRecords(
            settings.sends(),
            settings.rebuildBytes(),
            clock.millis() - settings.window().toMillis());
    log.reader()
        .readNewest(
            newest,
            (bytes, index, position) -> {
              long key = SendKey.of(bytes, index);
              if (key != SendKey.NONE) {
                window.put(hash(key, scope(bytes, index)), position);
                known[0]++;
              }
            });
    LOG.debug(
        "{} sends are known again after {} ms",
        known[0],
        (System.nanoTime() - startedNs) / 1_000_000);
  }

  /** The drafts were appended. */
  void appended(List<MessageDraft> drafts, long[] positions) {
    if (settings.enabled()) {
      for (int i = 0; i < positions.length; i++) {
        MessageDraft draft = drafts.get(i);
        if (draft.sendKey() != SendKey.NONE) {
          window.put(hash(draft), positions[i]);
        }
      }
    }
  }

  /**
   * Where the messages of a send are if it is a retry; null when it isn't, or not all of them are,
   * next to each other in one queue. May close the open batch, to look at what is in it.
   */
  @Nullable AlreadyAppended find(List<MessageDraft> drafts) throws IOException {
    if (!settings.enabled() || drafts.get(0).sendKey() == SendKey.NONE) {
      return null;
    }
    long position = window.find(hash(drafts.get(0)));
    return position == SendWindow.NOT_KNOWN ? null : findAll(drafts);
  }

  private @Nullable AlreadyAppended findAll(List<MessageDraft> drafts) throws IOException {
    long[] positions = new long[drafts.size()];
    AlreadyAppended first = null;
    for (int i = 0; i < positions.length; i++) {
      MessageDraft draft = drafts.get(i);
      long position =
          draft.sendKey() == SendKey.NONE ? SendWindow.NOT_KNOWN : window.find(hash(draft));
      if (position == SendWindow.NOT_KNOWN) {
        return null;
      }
      positions[i] = position;
      AlreadyAppended found = findRetried(draft, position, positions);
      if (found == null) {
        return null;
      }
      if (first == null) {
        first = found;
      } else if (found.queueId() != first.queueId()
          || found.queueOffset() != first.queueOffset() + i) {
        return null;
      }
    }
    for (int i = 0; i < positions.length; i++) {
      retryPorts.put(positions[i], port(drafts.get(i)));
    }
    return first;
  }

  /** The stored send at a position if the draft retries it. */
  private @Nullable AlreadyAppended findRetried(MessageDraft draft, long position, long[] positions)
      throws IOException {
    if (position >= log.reader().writtenPosition()) {
      log.endBatch();
    }
    try (LogSlice head = log.reader().slice(position, MessageRecord.SIZE_BYTES_MIN)) {
      if (head == null) {
        return null; // retention was faster
      }
      int sizeBytes = MessageRecord.totalSize(head.bytes(), head.bytes().position());
      try (LogSlice slice = log.reader().slice(position, sizeBytes)) {
        if (slice == null) {
          return null;
        }
        ByteBuffer record = slice.bytes();
        int at = record.position();
        return isRetry(draft, record, at, position)
            ? new AlreadyAppended(
                MessageRecord.queueId(record, at), MessageRecord.queueOffset(record, at), positions)
            : null;
      }
    } catch (InternalError e) { // a bad sector: no reason to refuse what can be written
      LOG.error("the record at {} can't be read, a retry of it is stored again", position, e);
      return null;
    }
  }

  private boolean isRetry(MessageDraft draft, ByteBuffer record, int at, long position) {
    long nowMs = clock.millis();
    long ageMs = nowMs - MessageRecord.storeTimestamp(record, at);
    if (ageMs > settings.window().toMillis()) {
      return false;
    }
    Returned returned = draft.returned();
    if (returned == null) {
      return SendComparison.isSame(draft, record, at)
          && isOtherPort(draft, position, MessageRecord.bornHost(record, at).port());
    }
    long mark = MessageRecord.preparedTransactionOffset(record, at);
    return ReturnedAgain.isRepetition(
        draft, returned, record, at, nowMs, isOtherPort(draft, position, Returned.port(mark)));
  }

  private boolean isOtherPort(MessageDraft draft, long position, int firstPort) {
    return port(draft) != retryPorts.getOrDefault(position, firstPort);
  }

  private static int port(MessageDraft draft) {
    Returned returned = draft.returned();
    return returned == null ? draft.bornHost().port() : Returned.port(returned.mark());
  }

  private static long hash(MessageDraft draft) {
    Returned returned = draft.returned();
    return hash(
        draft.sendKey(),
        returned == null ? draft.queue().topic().hashCode() : Returned.group(returned.mark()));
  }

  /** What a send is sought among: its topic, or the group that failed it. */
  private static int scope(ByteBuffer record, int at) {
    return Returned.isReturned(record, at)
        ? Returned.group(MessageRecord.preparedTransactionOffset(record, at))
        : SendComparison.topicHash(record, at);
  }

  private static long hash(long sendKey, int scope) {
    return sendKey ^ scope * SPREAD;
  }
}
