package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.MemberLink;
import io.sampo.actors.transaction.ProducerLink;
import io.sampo.actors.transaction.Producers;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.routing.net.ClientConnection;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.net.LimitedLog;
import io.sampo.routing.net.PassedOn;
import io.sampo.routing.net.Session;
import io.sampo.wire.BadBodyException;
import io.sampo.wire.BadHeaderException;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ConsumerGroupHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What the node knows of the client at the other end of one connection: the groups that it joined
 * through it, the subscriptions that it pulls with, and the request being handled. Belongs to the
 * connection's event loop; only {@link #groupChanged}, {@link #offsetsReset} and {@link #check} are
 * called by others.
 *
 * <p>Every request that arrives is released once and, unless one-way, answered: what a handler
 * throws becomes an answer here, and the connection lives on.
 */
final class ClientSession implements Session, MemberLink, ProducerLink {
  private static final LimitedLog LIMITED_LOG =
      new LimitedLog(LoggerFactory.getLogger(ClientSession.class));

  /** Of one connection; a client is one member of each group that it consumes in. */
  private static final int MEMBERSHIPS_MAX = 4096;

  private static final AtomicLong LAST_NUMBER = new AtomicLong();

  private final long number = LAST_NUMBER.incrementAndGet();
  private final ClientConnection connection;
  private final RequestRouter router;
  private final @Nullable LogGroupPlace place;
  private final Consumer<RemotingCommand> requests = this::onRequest;
  private final LeaderCache leaders;
  private final Producers producers;
  private final PullSubscriptions subscriptions = new PullSubscriptions();
  private final Map<String, Set<String>> clientIdsByGroup = new HashMap<>();
  private final Set<String> producerGroups = new HashSet<>();
  private final Set<String> broadcastingGroups = new HashSet<>();
  private final List<Runnable> whenClosed = new ArrayList<>();
  private int memberships;
  private int waiting;
  private boolean closed;

  /** The exchange of the command that is being handled, once it has begun. */
  private @Nullable Exchange current;

  ClientSession(
      ClientConnection connection, RequestRouter router, LeaderCache leaders, Producers producers) {
    this.connection = connection;
    this.router = router;
    this.place = router.relay().placeOf(connection.role());
    this.leaders = leaders;
    this.producers = producers;
  }

  ClientConnection connection() {
    return connection;
  }

  /** Names the session on this node, also after its end. */
  long number() {
    return number;
  }

  /**
   * The log group that the port stands for.
   *
   * @throws IllegalStateException on the name-server port, where such requests aren't routed to
   */
  @Override
  public String logGroup() {
    String logGroup = connection.role().logGroup();
    if (logGroup == null) {
      throw new IllegalStateException("the name-server port has no log group");
    }
    return logGroup;
  }

  PullSubscriptions subscriptions() {
    return subscriptions;
  }

  /** Where the port's log group is led; null when all is carried out here. */
  @Nullable LogGroupPlace place() {
    return place;
  }

  /** True while requests of the connection wait for a leader, and others have to stay behind. */
  boolean isWaiting() {
    return waiting > 0;
  }

  /** So many more of them wait. */
  void waits(int change) {
    waiting += change;
  }

  @Override
  public void onCommand(RemotingCommand command) {
    connection.open(command, requests);
  }

  private void onRequest(RemotingCommand command) {
    if (command.isResponse()) {
      try {
        connection.onResponse(command);
      } finally {
        command.release();
      }
    } else {
      handle(command, true);
    }
  }

  /** Carries out a request that waited for a leader, which is here now. */
  void carryOut(PassedOn request) {
    if (request.withdraw()) {
      connection.reopen(request, command -> handle(command, false));
    }
  }

  /** True when what a queue refuses because it is no longer led here may go to the next leader. */
  boolean mayPassOnLater() {
    return place != null && !connection.isReopening();
  }

  /**
   * Passes a request on that this node was about to carry out as the leader, and no longer is.
   * Nothing was done yet. Any thread.
   *
   * @param command released in the end
   */
  void passOn(Exchange exchange, RemotingCommand command) {
    LogGroupPlace current = place;
    connection.execute(
        () -> {
          if (current != null && !closed && exchange.cede()) {
            current.doubtHere();
            connection.replace(exchange, () -> router.relay().pass(this, command, current));
          }
          command.release();
        });
  }

  private void handle(RemotingCommand command, boolean mayPass) {
    try {
      current = null;
      if (command.headBytes() > RequestSettings.HEAD_BYTES_MAX) {
        refuseHead(command);
        return;
      }
      LogGroupPlace elsewhere = mayPass ? router.relay().elsewhere(this, command) : null;
      if (elsewhere == null) {
        router.handlerOf(connection.role(), command.code()).handle(this, command);
      } else {
        router.relay().pass(this, command, elsewhere);
      }
    } catch (RuntimeException e) {
      Exchange begun = current;
      if (begun == null) {
        begun = new Exchange(connection, command);
        begin(begun, 0);
      }
      fail(begun, e);
    } finally {
      command.release();
    }
  }

  private void refuseHead(RemotingCommand command) {
    Exchange refused = new Exchange(connection, command);
    begin(refused, 0);
    boolean isMessage =
        switch (command.code()) {
          case RequestCode.SEND_MESSAGE,
              RequestCode.SEND_MESSAGE_V2,
              RequestCode.SEND_BATCH_MESSAGE ->
              true;
          default -> false;
        };
    refused.answer(
        isMessage ? ResponseCode.MESSAGE_ILLEGAL : ResponseCode.INVALID_PARAMETER,
        "the request's header, properties included, is "
            + command.headBytes()
            + " bytes long, at most "
            + RequestSettings.HEAD_BYTES_MAX);
  }

  /**
   * Opens the exchange of the command that is being handled; see {@link ClientConnection#begin}.
   */
  void begin(Exchange exchange, long waitMillis) {
    connection.begin(exchange, waitMillis);
    current = exchange;
  }

  /** Opens a plain exchange for a command; one for a leader can go to the next. */
  Exchange begin(RemotingCommand command) {
    Exchange exchange = exchange(command);
    begin(exchange, 0);
    return exchange;
  }

  /** An exchange that isn't open yet. */
  Exchange exchange(RemotingCommand command) {
    return CarriedOutBy.of(command.code()).isLeader()
        ? new LedRequest(this, command)
        : new Exchange(connection, command);
  }

  /**
   * Goes on with a request on the event loop, unless the connection closed meanwhile. Any thread.
   */
  void resume(Exchange exchange, Runnable step) {
    connection.execute(
        () -> {
          if (closed) {
            return;
          }
          try {
            step.run();
          } catch (RuntimeException e) {
            fail(exchange, e);
          }
        });
  }

  /** Answers a request whose handling threw. Any thread. */
  static void fail(Exchange exchange, RuntimeException failure) {
    if (failure instanceof BadHeaderException || failure instanceof BadBodyException) {
      exchange.answer(ResponseCode.SYSTEM_ERROR, failure.getMessage());
      return;
    }
    LIMITED_LOG.log(
        Level.ERROR,
        "{}: request {} failed",
        exchange.connection(),
        exchange.requestCode(),
        failure);
    exchange.answer(ResponseCode.SYSTEM_ERROR, "the request failed inside the broker: " + failure);
  }

  /**
   * Remembers a member of a group, so that it leaves when the connection closes.
   *
   * @return false when there are too many
   */
  boolean join(String group, String clientId) {
    Set<String> clientIds = clientIdsByGroup.get(group);
    if (clientIds != null && clientIds.contains(clientId)) {
      return true;
    }
    if (memberships >= MEMBERSHIPS_MAX) {
      return false;
    }
    if (clientIdsByGroup.isEmpty()) {
      leaders.remoteGroups().enter(this);
    }
    clientIdsByGroup.computeIfAbsent(group, missing -> new HashSet<>()).add(clientId);
    memberships++;
    return true;
  }

  /** Says how a group that was joined consumes, as its newest heartbeat here had it. */
  void consumes(String group, boolean broadcasting) {
    if (broadcasting) {
      broadcastingGroups.add(group);
    } else {
      broadcastingGroups.remove(group);
    }
  }

  /** Whether the client announced that it consumes as a broadcast. */
  boolean isBroadcasting(String group) {
    return broadcastingGroups.contains(group);
  }

  /** Ends the waits of pulls that select by what the group doesn't want of the topics any more. */
  void endWaits(String group, Set<String> topics) {
    connection.forEachWaiting(
        exchange -> {
          if (exchange instanceof PullExchange pull
              && pull.header().consumerGroup().equals(group)
              && topics.contains(pull.header().topic())) {
            pull.pullAgain();
          }
        });
  }

  /** A member leaves its group. */
  void leave(String group, String clientId) {
    Set<String> clientIds = clientIdsByGroup.get(group);
    if (clientIds != null && clientIds.remove(clientId)) {
      memberships--;
      if (clientIds.isEmpty()) {
        clientIdsByGroup.remove(group);
        broadcastingGroups.remove(group);
      }
      leaders.tellGroup(group, new Leave(clientId, this));
    }
  }

  /**
   * The client produces for a group, so it may be asked about the group's transactions. One too
   * many is not remembered.
   */
  void produces(String group) {
    if (producerGroups.contains(group) || memberships >= MEMBERSHIPS_MAX) {
      return;
    }
    if (producers.join(group, this)) {
      producerGroups.add(group);
      memberships++;
    } else {
      LIMITED_LOG.log(
          Level.WARN, "{}: as many producers are known as may be, this one is never asked", this);
    }
  }

  /** The client doesn't produce for a group any more. */
  void producesNoMore(String group) {
    if (producerGroups.remove(group)) {
      memberships--;
      producers.leave(group, this);
    }
  }

  /**
   * Has something done when the connection closes.
   *
   * @return false when there is too much of that; then it is not done
   */
  boolean whenClosed(Runnable action) {
    if (memberships >= MEMBERSHIPS_MAX) {
      return false;
    }
    memberships++;
    whenClosed.add(action);
    return true;
  }

  @Override
  public void check(TransactionCheck check, ReplyTo<Boolean> written) {
    connection.sendOneway(
        RequestCode.CHECK_TRANSACTION_STATE,
        check.header(),
        Unpooled.wrappedBuffer(check.record()),
        written::tell);
  }

  @Override
  public void groupChanged(String group) {
    connection.sendOneway(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new ConsumerGroupHeader(group));
  }

  @Override
  public void offsetsReset(String group) {
    connection.execute(() -> subscriptions.askFirst(group));
  }

  @Override
  public void onClosed() {
    closed = true;
    leaders.remoteGroups().leave(this);
    clientIdsByGroup.forEach(
        (group, clientIds) ->
            clientIds.forEach(clientId -> leaders.tellGroup(group, new Leave(clientId, this))));
    clientIdsByGroup.clear();
    producerGroups.forEach(group -> producers.leave(group, this));
    producerGroups.clear();
    whenClosed.forEach(Runnable::run);
    whenClosed.clear();
  }

  @Override
  public String toString() {
    return connection.toString();
  }
}
