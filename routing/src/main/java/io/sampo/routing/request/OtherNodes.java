package io.sampo.routing.request;

import io.sampo.actors.transaction.ProducerLink.TransactionCheck;
import io.sampo.actors.transaction.Producers;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.routing.net.RelayPeer;
import io.sampo.routing.request.ForClient.Whom;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds clients that are connected to other nodes, and has things sent to them. Nobody keeps a list
 * of where clients are: all nodes that can be reached are asked at once, and the first that has the
 * client gets what it is to be sent. A node that doesn't answer costs nothing but its time, and
 * only when no other has the client. Any thread.
 */
final class OtherNodes implements Producers.Elsewhere {
  /** How long nodes may take to say whether they have a client. */
  private static final Duration FIND_MAX = Duration.ofSeconds(1);

  /** Beyond what the client itself may take. */
  private static final Duration WAY_MAX = Duration.ofSeconds(1);

  /** What became of something for a client. Any thread; told once. */
  interface Receiver {
    /** No node has the client. */
    void notFound();

    /** What its node answered; released afterwards. */
    void answered(RemotingCommand answer);

    /** Nothing is known. */
    void lost();
  }

  private final Supplier<List<RelayPeer.Address>> addresses;
  private final Function<RelayPeer.Address, RelayPeer> peerMaker;
  private final ScheduledExecutorService timers;
  private final ConcurrentMap<RelayPeer.Address, RelayPeer> peers = new ConcurrentHashMap<>();

  /**
   * @param addresses of a port of each other node that can be reached
   * @param peerMaker makes the way there, with {@link NodeQuestion.Returns} as listener
   * @param timers end questions that nobody answers
   */
  OtherNodes(
      Supplier<List<RelayPeer.Address>> addresses,
      Function<RelayPeer.Address, RelayPeer> peerMaker,
      ScheduledExecutorService timers) {
    this.addresses = addresses;
    this.peerMaker = peerMaker;
    this.timers = timers;
  }

  /** Has something sent to a client that isn't connected here. */
  void send(Whom whom, ForClient what, Receiver receiver) {
    find(
        whom,
        peer -> {
          if (peer == null) {
            receiver.notFound();
            return;
          }
          Duration limit =
              what.wantsAnswer() ? ClientCallHandler.LIMIT.plus(WAY_MAX) : FIND_MAX.plus(WAY_MAX);
          ask(
              peer,
              whom,
              what.encode(),
              limit,
              answer -> {
                if (answer == null) {
                  receiver.lost();
                } else if (answer.code() == ResponseCode.CONSUMER_NOT_ONLINE) {
                  receiver.notFound(); // it has just left
                } else {
                  receiver.answered(answer);
                }
              });
        });
  }

  private void find(Whom whom, Consumer<@Nullable RelayPeer> receiver) {
    List<RelayPeer.Address> others = addresses.get();
    peers.keySet().retainAll(Set.copyOf(others)); // unused connections close by themselves
    AtomicInteger unanswered = new AtomicInteger(others.size());
    AtomicBoolean told = new AtomicBoolean();
    if (others.isEmpty()) {
      receiver.accept(null);
    }
    for (RelayPeer.Address address : others) {
      RelayPeer peer = peers.computeIfAbsent(address, peerMaker);
      ask(
          peer,
          whom,
          new byte[0],
          FIND_MAX,
          answer -> {
            boolean has = answer != null && answer.code() == ResponseCode.SUCCESS;
            if ((unanswered.decrementAndGet() == 0 || has) && told.compareAndSet(false, true)) {
              receiver.accept(has ? peer : null);
            }
          });
    }
  }

  private void ask(
      RelayPeer peer,
      CommandHeader header,
      byte[] body,
      Duration limit,
      Consumer<@Nullable RemotingCommand> receiver) {
    NodeQuestion question =
        new NodeQuestion(
            ForClient.CODE,
            header,
            body,
            answer -> {
              try {
                receiver.accept(answer);
              } finally {
                if (answer != null) {
                  answer.release();
                }
              }
            });
    question.ask(peer);
    try {
      var unused = timers.schedule(question::end, limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      question.end(); // the node stops
    }
  }

  @Override
  public void check(
      String group, String logGroup, TransactionCheck check, ReplyTo<Boolean> written) {
    send(
        Whom.producer(group, logGroup),
        ForClient.oneway(RequestCode.CHECK_TRANSACTION_STATE, check.header(), check.record()),
        new Receiver() {
          @Override
          public void notFound() {
            written.tell(false);
          }

          @Override
          public void answered(RemotingCommand answer) {
            written.tell(answer.code() == ResponseCode.SUCCESS);
          }

          @Override
          public void lost() {
            written.tell(false); // it may have been asked; that doesn't count then
          }
        });
  }
}
