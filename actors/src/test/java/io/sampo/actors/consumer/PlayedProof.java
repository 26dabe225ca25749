package io.sampo.actors.consumer;

import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.List;

/** Proves the leadership at once, unless it is held up; then the test says how it ends. */
final class PlayedProof implements LeadershipProof {
  private final List<ReplyTo<Boolean>> waiting = new ArrayList<>();
  private boolean held;

  @Override
  public synchronized void ask(ReplyTo<Boolean> replyTo) {
    if (held) {
      waiting.add(replyTo);
    } else {
      replyTo.tell(true);
    }
  }

  synchronized void hold() {
    held = true;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  synchronized void answer(boolean led) {
    held = false;
    waiting.forEach(replyTo -> replyTo.tell(led));
    waiting.clear();
  }
}
