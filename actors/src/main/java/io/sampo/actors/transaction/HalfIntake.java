package io.sampo.actors.transaction;

import io.sampo.actors.group.CrossQueueWriter.NotWritten;
import io.sampo.actors.group.CrossQueueWriter.WriteReply;
import io.sampo.actors.group.CrossQueueWriter.Written;
import io.sampo.actors.transaction.PendingHalves.Half;
import io.sampo.actors.transaction.TransactionRequests.HalfStored;
import io.sampo.actors.transaction.TransactionRequests.NotStored;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.StoredBefore;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.SendKey;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the half messages of a {@link TransactionChecker}, on its thread. A producer that misses
 * the answer to one sends it again, over another connection, or a node does so for it, which says
 * so then; as long as the first one has no end, nor one on its way, that is what the retry is
 * answered with, so that one transaction has one half message. Later it is a new one: its producer
 * begins its local transaction only now.
 *
 * <p>What is known of sends is in memory, and read again from the newest undecided half messages
 * when a checker begins. Of attempts that are on their way at once the later ones wait until the
 * log has answered the first.
 */
final class HalfIntake {
  /** Half messages whose retry is recognised; it comes soon, or not at all. */
  private static final int KNOWN_MAX = 16_384;

  /** Of those as many as are read when a checker begins. */
  private static final int LEARNED_MAX = 1_024;

  /** Has records written and goes on with the log's answer, on the checker's thread. */
  interface Writes {
    void write(List<MessageDraft> drafts, Consumer<WriteReply> then);
  }

  private static final class Known {
    private final Half half;

    /** Of the connection that the last attempt came over. */
    private int port;

    Known(Half half, int port) {
      this.half = half;
      this.port = port;
    }
  }

  private final PendingHalves halves;
  private final long timeoutMs;
  private final LongSupplier clockMs;
  private final Writes writes;
  private final Function<Half, @Nullable LogSlice> records;

  private final Map<Long, Known> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > KNOWN_MAX;
        }
      };

  /** What waits for the answer to an earlier attempt, by the key of the send. */
  private final Map<Long, List<StoreHalf>> behind = new HashMap<>();

  HalfIntake(
      PendingHalves halves,
      long timeoutMs,
      LongSupplier clockMs,
      Writes writes,
      Function<Half, @Nullable LogSlice> records) {
    this.halves = halves;
    this.timeoutMs = timeoutMs;
    this.clockMs = clockMs;
    this.writes = writes;
    this.records = records;
    halves.newest(LEARNED_MAX).forEach(this::learn);
  }

  private void learn(Half half) {
    try (LogSlice slice = records.apply(half)) {
      if (slice != null) {
        ByteBuffer bytes = slice.bytes();
        long key = SendKey.of(bytes, bytes.position());
        if (key != SendKey.NONE) {
          known.put(key, new Known(half, HalfMessage.bornHost(bytes, bytes.position()).port()));
        }
      }
    }
  }

  void store(StoreHalf store) {
    long key =
        store.recognised()
            ? SendKey.of(store.half().properties(), store.half().bodyCrc())
            : SendKey.NONE;
    if (key == SendKey.NONE) {
      write(store, key);
      return;
    }
    List<StoreHalf> waiting = behind.get(key);
    if (waiting != null) {
      waiting.add(store);
      return;
    }
    StoredBefore first = findFirst(key, store.half());
    if (first == null) {
      write(store, key);
    } else {
      store.half().release();
      store.replyTo().tell(first);
    }
  }

  private @Nullable StoredBefore findFirst(long key, MessageDraft half) {
    Known first = known.get(key);
    HostAddress from = half.bornHost();
    if (first == null || !halves.isOpen(first.half)) {
      return null;
    }
    if (first.port == from.port() && !half.mayBeStored()) {
      return null; // a connection that lives loses no answer
    }
    try (LogSlice slice = records.apply(first.half)) {
      if (slice == null) {
        return null;
      }
      ByteBuffer bytes = slice.bytes();
      if (!HalfMessage.isSameSend(half, bytes, bytes.position())) {
        return null;
      }
      first.port = from.port();
      return new StoredBefore(
          first.half.offset(),
          first.half.position(),
          HalfMessage.realQueueId(bytes, bytes.position()));
    }
  }

  private void write(StoreHalf store, long key) {
    if (!halves.expect()) {
      store.half().release();
      store.replyTo().tell(TransactionRefused.TOO_MANY_PENDING);
      return;
    }
    if (key != SendKey.NONE) {
      behind.put(key, new ArrayList<>(0));
    }
    long immunityMs = HalfMessage.immunityMs(ByteBuffer.wrap(store.half().properties()), timeoutMs);
    int port = store.half().bornHost().port();
    writes.write(
        List.of(store.half()),
        reply -> {
          if (reply instanceof Written written) {
            Half half =
                halves.halfStored(
                    written.queueOffsets()[0],
                    written.positions()[0],
                    clockMs.getAsLong() + immunityMs);
            if (key != SendKey.NONE) {
              known.put(key, new Known(half, port));
            }
            store.replyTo().tell(new HalfStored(half.offset(), half.position()));
          } else if (reply instanceof NotWritten refused) {
            halves.halfRefused();
            store.replyTo().tell(new NotStored(refused.reason()));
          }
          storeThoseBehind(key);
        });
  }

  private void storeThoseBehind(long key) {
    List<StoreHalf> waiting = behind.remove(key);
    if (waiting != null) {
      waiting.forEach(this::store);
    }
  }
}
