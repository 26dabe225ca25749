package io.sampo.actors.transaction;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened to half messages: the body of a record in the log group's queue of such events. The
 * queue of half messages minus the ends that are told here is what is undecided.
 *
 * <pre>
 *  0         1      2                 10
 *  +---------+------+-----------------+---------+
 *  | version | kind | newest snapshot | payload |
 *  +---------+------+-----------------+---------+
 * </pre>
 *
 * Every event says where the newest snapshot is, so the last one in the queue is all that recovery
 * has to find.
 */
sealed interface HalfEvent {
  /** There is no snapshot yet. */
  long NO_SNAPSHOT = -1;

  /** The offset among the events of the newest snapshot that was stored before, or none. */
  long newestSnapshot();

  /**
   * A leadership's first event. Once it is stored, so is everything that was on its way to the log
   * before.
   */
  record Started(long newestSnapshot) implements HalfEvent {}

  /** A half message has its end; a committed one is stored in the same batch. */
  record Ended(long newestSnapshot, long halfOffset, boolean committed) implements HalfEvent {}

  /** The checks of undecided half messages went on: their new states. */
  record Changed(long newestSnapshot, List<HalfState> halves) implements HalfEvent {
    public Changed {
      halves = List.copyOf(halves);
    }
  }

  /**
   * All that is undecided after every event below one offset and with every half message below
   * another.
   *
   * @param eventsFrom the first event that it knows nothing of
   * @param halvesFrom the first half message that it knows nothing of
   */
  record Snapshot(long newestSnapshot, long eventsFrom, long halvesFrom, List<HalfState> undecided)
      implements HalfEvent {
    public Snapshot {
      undecided = List.copyOf(undecided);
    }
  }

  /** The bytes of the event. */
  default byte[] encode() {
    return HalfEventCodec.encode(this);
  }

  /**
   * Reads an event from position to limit.
   *
   * @throws IllegalArgumentException when it is none that this version knows
   */
  static HalfEvent decode(ByteBuffer body) {
    return HalfEventCodec.decode(body);
  }

  /** The event's bytes; see the picture above. */
  final class HalfEventCodec {
    private static final byte VERSION = 1;
    private static final byte STARTED = 1;
    private static final byte ENDED = 2;
    private static final byte CHANGED = 3;
    private static final byte SNAPSHOT = 4;
    private static final int HEAD_BYTES = 1 + 1 + 8;

    private HalfEventCodec() {}

    private static byte[] encode(HalfEvent event) {
      if (event instanceof Ended ended) {
        return head(ENDED, ended, 8 + 1)
            .putLong(ended.halfOffset())
            .put((byte) (ended.committed() ? 1 : 0))
            .array();
      } else if (event instanceof Changed changed) {
        ByteBuffer out = head(CHANGED, changed, 4 + changed.halves().size() * HalfState.BYTES);
        return putStates(out, changed.halves()).array();
      } else if (event instanceof Snapshot snapshot) {
        ByteBuffer out =
            head(SNAPSHOT, snapshot, 8 + 8 + 4 + snapshot.undecided().size() * HalfState.BYTES)
                .putLong(snapshot.eventsFrom())
                .putLong(snapshot.halvesFrom());
        return putStates(out, snapshot.undecided()).array();
      }
      return head(STARTED, event, 0).array();
    }

    private static ByteBuffer head(byte kind, HalfEvent event, int payloadBytes) {
      return ByteBuffer.allocate(HEAD_BYTES + payloadBytes)
          .put(VERSION)
          .put(kind)
          .putLong(event.newestSnapshot());
    }

    private static ByteBuffer putStates(ByteBuffer out, List<HalfState> states) {
      out.putInt(states.size());
      states.forEach(state -> state.encode(out));
      return out;
    }

    private static HalfEvent decode(ByteBuffer body) {
      ByteBuffer in = body.slice();
      if (in.remaining() < HEAD_BYTES || in.get() != VERSION) {
        throw new IllegalArgumentException("not an event of this version: " + body);
      }
      byte kind = in.get();
      long newestSnapshot = in.getLong();
      return switch (kind) {
        case STARTED -> new Started(newestSnapshot);
        case ENDED -> new Ended(newestSnapshot, in.getLong(), in.get() != 0);
        case CHANGED -> new Changed(newestSnapshot, states(in));
        case SNAPSHOT -> new Snapshot(newestSnapshot, in.getLong(), in.getLong(), states(in));
        default -> throw new IllegalArgumentException("not a known event: " + kind);
      };
    }

    private static List<HalfState> states(ByteBuffer in) {
      int count = in.getInt();
      List<HalfState> states = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        states.add(HalfState.decode(in));
      }
      return states;
    }
  }
}
