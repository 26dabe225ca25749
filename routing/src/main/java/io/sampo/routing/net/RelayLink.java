package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.sampo.routing.net.RelayPeer.Ending;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One connection to the port of a log group on another node, shared by all whose requests are
 * relayed there: none waits for the answer of another. Requests come from any thread into a queue
 * and go out in its order; all else belongs to the event loop.
 *
 * <p>Always holds: what was accepted ends once, by the answer, or as lost when the connection ends,
 * which it doesn't survive.
 */
final class RelayLink extends ChannelInboundHandlerAdapter {
  private static final LimitedLog LIMITED_LOG;

  static {
    Logger log = LoggerFactory.getLogger(RelayLink.class);
    LIMITED_LOG = new LimitedLog(log);
  }

  /** Hears how requests end that the other node did not answer. Any thread; never blocks. */
  interface Listener {
    void ended(Relayed request, RelayPeer.Ending how);
  }

  private final String peer;
  private final int requestsMax;
  private final Listener listener;
  private final OutgoingQueue outgoing = new OutgoingQueue();
  private final AtomicInteger accepted = new AtomicInteger();
  private final Runnable drain = this::drain;
  private final IntObjectMap<Relayed> sent = new IntObjectHashMap<>();
  private final EventLoop loop;
  private @Nullable FrameBatch frames;
  private int lastOpaque;
  private long lastUsedNanos = System.nanoTime();

  private RelayLink(String peer, int requestsMax, Listener listener, EventLoop loop) {
    this.peer = peer;
    this.requestsMax = requestsMax;
    this.listener = listener;
    this.loop = loop;
  }

  /**
   * Connects; requests are accepted at once.
   *
   * @param bootstrap makes a connection whose frames are decoded, without a handler at its end
   * @param idleMax an unused connection is closed after this time
   */
  static RelayLink connect(
      RelayBootstrap bootstrap,
      RelayPeer.Address address,
      int requestsMax,
      Duration idleMax,
      Listener listener) {
    EventLoop loop = bootstrap.nextLoop();
    RelayLink link = new RelayLink(address.toString(), requestsMax, listener, loop);
    ChannelFuture connected = bootstrap.connect(loop, address, link);
    connected.addListener(done -> link.onConnected(connected, idleMax));
    return link;
  }

  /** True when it takes nothing any more. Any thread. */
  boolean isClosed() {
    return outgoing.isClosed();
  }

  /**
   * Accepts a request, which keeps its bytes until it ends. Event loop of the request.
   *
   * @return false when too many are on their way
   */
  boolean send(Relayed request) {
    if (accepted.incrementAndGet() > requestsMax) {
      accepted.decrementAndGet();
      return false;
    }
    if (outgoing.push(new Envelope(request))) {
      execute(drain);
    }
    return true;
  }

  /** Ends the connection if it is still waited for after a time. Any thread. */
  void giveUpAfter(Duration patience) {
    execute(
        () ->
            loop.schedule(
                () -> {
                  if (!sent.isEmpty() || !outgoing.isEmpty()) {
                    close();
                  }
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS));
  }

  /** Ends the connection. Any thread. */
  void close() {
    execute(
        () -> {
          FrameBatch current = frames;
          if (current == null) {
            onClosed();
          } else {
            current.channel().close();
          }
        });
  }

  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      outgoing.close(); // the node has stopped
    }
  }

  private void onConnected(ChannelFuture connected, Duration idleMax) {
    if (connected.isSuccess()) {
      scheduleIdleCheck(connected.channel(), idleMax.toNanos());
    } else {
      LIMITED_LOG.log(
          Level.INFO, "{} can't be connected to: {}", peer, String.valueOf(connected.cause()));
      onClosed();
    }
  }

  private void scheduleIdleCheck(Channel channel, long idleNanos) {
    loop.schedule(
        () -> {
          if (!channel.isActive()) {
            return;
          }
          boolean unused = System.nanoTime() - lastUsedNanos >= idleNanos;
          if (unused && sent.isEmpty() && outgoing.isEmpty()) {
            channel.close();
          } else {
            scheduleIdleCheck(channel, idleNanos);
          }
        },
        idleNanos,
        TimeUnit.NANOSECONDS);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    frames = new FrameBatch(context);
    drain();
  }

  private void drain() {
    FrameBatch current = frames;
    if (current == null) {
      return; // once it is connected
    }
    Outgoing item = outgoing.takeAll();
    if (item == null) {
      return;
    }
    lastUsedNanos = System.nanoTime();
    try {
      while (item != null) {
        Outgoing written = item;
        item = written.next;
        written.next = null;
        written.write(current);
      }
    } finally {
      OutgoingQueue.discardAll(item);
    }
    current.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    RemotingCommand answer = (RemotingCommand) message;
    try {
      lastUsedNanos = System.nanoTime();
      Relayed request = answer.isResponse() ? sent.remove(answer.opaque()) : null;
      if (request == null) {
        return;
      }
      accepted.decrementAndGet();
      if (answer.code() == ResponseCode.SUCCESS) {
        request.pass(answer.body().retain());
      } else {
        boolean left = answer.code() == RelayedFor.LEFT_TO_NEXT;
        listener.ended(request, left ? Ending.LEFT_TO_NEXT : Ending.NOT_DONE);
      }
    } finally {
      answer.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    onClosed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    LIMITED_LOG.log(Level.INFO, "{}: the connection broke, {}", peer, String.valueOf(failure));
    context.close();
  }

  private void onClosed() {
    outgoing.close();
    FrameBatch current = frames;
    if (current != null) {
      current.discard();
    }
    List<Relayed> unanswered = inOrder(sent);
    sent.clear();
    accepted.addAndGet(-unanswered.size());
    if (!unanswered.isEmpty()) {
      LIMITED_LOG.log(
          Level.INFO, "{}: the connection ended, {} requests open", peer, unanswered.size());
    }
    unanswered.forEach(request -> listener.ended(request, Ending.LOST));
  }

  /** As they were sent, since they may be sent again. */
  private List<Relayed> inOrder(IntObjectMap<Relayed> requests) {
    List<Integer> ages = new ArrayList<>(requests.size());
    for (int opaque : requests.keySet()) {
      ages.add(lastOpaque - opaque);
    }
    ages.sort(Comparator.reverseOrder());
    List<Relayed> ordered = new ArrayList<>(ages.size());
    for (int age : ages) {
      ordered.add(requests.get(lastOpaque - age));
    }
    return ordered;
  }

  @Override
  public String toString() {
    return "link to " + peer;
  }

  /** A request on its way out. Has a reference of its own to the body. */
  private final class Envelope extends Outgoing {
    private final Relayed request;
    private final CommandHeader sender;
    private final ByteBuf body;

    Envelope(Relayed request) {
      this.request = request;
      this.sender = RelayedFor.header(request.client(), request.mayBeDone());
      this.body = request.command().body().retain();
    }

    @Override
    void write(FrameBatch frames) {
      RemotingCommand command = request.command();
      lastOpaque++;
      try {
        frames.envelope(lastOpaque, command, body, sender);
      } catch (RuntimeException e) {
        accepted.decrementAndGet();
        listener.ended(request, Ending.UNSENDABLE);
        throw e;
      }
      if (command.isOneway()) {
        accepted.decrementAndGet();
        request.passed();
      } else {
        sent.put(lastOpaque, request);
      }
    }

    @Override
    void discard() {
      body.release();
      accepted.decrementAndGet();
      listener.ended(request, Ending.NOT_DONE);
    }
  }
}
