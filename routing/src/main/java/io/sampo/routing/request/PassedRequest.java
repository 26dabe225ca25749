package io.sampo.routing.request;

import io.sampo.routing.net.PassedOn;
import io.sampo.routing.net.RelayPeer;
import io.sampo.routing.net.Relayed;
import io.sampo.wire.RemotingCommand;
import java.time.Duration;

/**
 * A request for a log group that is not led here, from its arrival to its end. It waits while no
 * leader is known, goes to the one that is, and comes back if that turns out to be none; when the
 * leader moves to this node meanwhile it is carried out here. Event loop, unless said otherwise.
 */
final class PassedRequest extends PassedOn {
  private final ClientSession session;
  private final LogGroupPlace place;
  private final Duration leaderWait;
  private final CarriedOutBy.Again again;
  private long waitEndsNanos;
  private boolean waited;

  PassedRequest(
      ClientSession session,
      RemotingCommand command,
      LogGroupPlace place,
      Duration leaderWait,
      CarriedOutBy.Again again) {
    super(session.connection(), command);
    this.session = session;
    this.place = place;
    this.leaderWait = leaderWait;
    this.again = again;
  }

  /** Begins its way, behind those of the connection that wait. */
  void start() {
    if (session.isWaiting()) {
      awaitLeader();
    } else {
      proceed();
    }
  }

  private void proceed() {
    if (!isOpen()) {
      return;
    }
    if (!connection().isOpen()) {
      drop();
      return;
    }
    if (place.isHere()) {
      session.carryOut(this);
      return;
    }
    RelayPeer peer = place.peer();
    if (peer == null) {
      awaitLeader();
    } else if (isRelayed()) {
      refuse(Refusals.NOT_LEADING); // passed on once is enough
    } else if (!peer.send(this)) {
      refuse(Refusals.RELAY_FULL);
    }
  }

  private void awaitLeader() {
    long nowNanos = System.nanoTime();
    if (!waited) {
      waited = true;
      waitEndsNanos = nowNanos + leaderWait.toNanos();
    }
    if (waitIsOver(nowNanos)) {
      refuse(Refusals.NOT_LEADING);
      return;
    }
    session.waits(1);
    if (!place.await(this)) {
      session.waits(-1);
      refuse(Refusals.RELAY_FULL);
    }
  }

  /** Whether it has waited for a leader as long as it may. */
  boolean waitIsOver(long nowNanos) {
    return waitEndsNanos - nowNanos <= 0;
  }

  /** A leader is known. Any thread. */
  void goOn() {
    connection()
        .execute(
            () -> {
              session.waits(-1);
              proceed();
            });
  }

  /** No leader was known for too long. Any thread. */
  void giveUp() {
    connection()
        .execute(
            () -> {
              session.waits(-1);
              refuse(Refusals.NOT_LEADING);
            });
  }

  private void refuse(Refusals refusal) {
    Refusals told = mayBeDone() ? Refusals.LEADER_LOST : refusal;
    refuse(told.code(), told.remark());
  }

  /** Hears how the requests of all connections come back. Any thread. */
  static final class Returns implements RelayPeer.Listener {
    @Override
    public void ended(RelayPeer peer, Relayed request, RelayPeer.Ending how) {
      ((PassedRequest) request).comeBack(peer, how);
    }
  }

  private void comeBack(RelayPeer peer, RelayPeer.Ending how) {
    place.doubt(peer);
    connection().execute(() -> goOn(how));
  }

  private void goOn(RelayPeer.Ending how) {
    boolean next =
        switch (how) {
          case NOT_DONE -> true;
          case LEFT_TO_NEXT -> {
            leaveToNext();
            yield true;
          }
          case LOST -> {
            if (again == CarriedOutBy.Again.IF_NOTICED) {
              leaveToNext();
            }
            yield again != CarriedOutBy.Again.NEVER;
          }
          case UNSENDABLE -> false;
        };
    if (!next) {
      refuse(Refusals.LEADER_LOST);
    } else if (isOpen()) {
      awaitLeader();
    }
  }
}
