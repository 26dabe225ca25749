package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.sampo.record.HostAddress;
import io.sampo.routing.net.ClientReply.Unanswered;
import io.sampo.wire.BadHeaderException;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One client's connection: its open requests, its answers on the way out, and its limits.
 *
 * <p>Answers come from any thread into a queue. Who finds it empty wakes the event loop, which
 * takes all of it at once, encodes it in the order in which it came and flushes once; so the
 * answers of a log batch cost one write to the socket. Everything else belongs to the event loop.
 *
 * <p>Always holds: every exchange that has begun ends, by an answer, by its deadline, or with the
 * connection. When the socket is read {@link ReadPauses} says.
 */
public final class ClientConnection {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);
  private static final LimitedLog LIMITED_LOG = new LimitedLog(LOG);

  /** For so many milliseconds a client that is never silent is served on while the node stops. */
  private static final int STOP_LOOKS_MAX = 1_000;

  /** As a rule nothing is on its way from a client that said nothing for so many milliseconds. */
  private static final int SILENT_LOOKS = 5;

  /** Clients from 5.3.2 on understand GO_AWAY. */
  private static final int GO_AWAY_VERSION = 476;

  private static final int DRAIN_ROUNDS_MAX = 16;
  private static final HostAddress NO_HOST = new HostAddress(new byte[4], 0);

  private final Channel channel;
  private final EventLoop loop;
  private final PortRole role;
  private final NetSettings settings;
  private final HostAddress remote;
  private final FrameBatch frames;
  private final UntakenAnswers untaken;
  private final IdleCheck idleCheck;
  private final OutgoingQueue outgoing = new OutgoingQueue();
  private final Runnable drain = this::drain;
  private final ReadPauses pauses;
  private final ClientQuestions questions;

  /** Of the request that is being handled, when another node relayed it. */
  private @Nullable RelayedFor relaying;

  /** The request that is being handled was put off once. */
  private boolean reopening;

  /** A leader before may have carried out the request that is being handled. */
  private boolean handlingAgain;

  private final OpenExchanges exchanges = new OpenExchanges();
  private boolean ticking;

  /** The node stops. */
  private boolean stopping;

  private boolean readSinceLook;

  private boolean inRead;
  private boolean ending;

  ClientConnection(
      ChannelHandlerContext context,
      PortRole role,
      NetSettings settings,
      HeldBytes allHeld,
      AnswerMemory allAnswers) {
    this.channel = context.channel();
    this.loop = channel.eventLoop();
    this.role = role;
    this.settings = settings;
    this.remote = hostOf(channel.remoteAddress());
    this.frames = new FrameBatch(context);
    this.pauses = new ReadPauses(channel, settings.limits(), allHeld);
    this.untaken =
        new UntakenAnswers(frames, settings.limits(), allAnswers.share(this::closeForOthers));
    this.idleCheck =
        new IdleCheck(channel, settings.idleTimeout(), System::nanoTime, frames::bytesLeft);
    this.questions = new ClientQuestions(loop, this::enqueue);
  }

  /** What the port stands for that the client connected to. */
  public PortRole role() {
    return role;
  }

  /** The client's address; 0.0.0.0:0 when the transport has no such thing. */
  public HostAddress remote() {
    return remote;
  }

  @Nullable RelayedFor relaying() {
    return relaying;
  }

  /**
   * Handles a request, or what it holds if it is an envelope. Exchanges that are made meanwhile are
   * the content's. An envelope that doesn't say whose request it holds is refused. Event loop.
   *
   * @throws io.sampo.wire.FrameException when it is an envelope and nothing is in it
   */
  public void open(RemotingCommand command, Consumer<RemotingCommand> handler) {
    if (command.code() != RelayedFor.CODE || command.isResponse()) {
      handler.accept(command);
      return;
    }
    try {
      RelayedFor sender = RelayedFor.of(command); // before the content is retained
      RemotingCommand content = RelayedFor.unwrap(command);
      relaying = sender;
      handlingAgain = sender.mayBeDone();
      handler.accept(content);
    } catch (BadHeaderException e) {
      Exchange refused = new Exchange(this, command);
      begin(refused, 0);
      refused.answer(ResponseCode.SYSTEM_ERROR, e.getMessage());
    } finally {
      relaying = null;
      handlingAgain = false;
      command.release();
    }
  }

  /** True while a request is handled that was put off before. Event loop. */
  public boolean isReopening() {
    return reopening;
  }

  /** Whether exchanges that are made now may have been carried out before. Event loop. */
  boolean isHandlingAgain() {
    return handlingAgain;
  }

  /** Makes other exchanges for an exchange's request. Event loop. */
  public void replace(Exchange exchange, Runnable maker) {
    relaying = exchange.relayed();
    handlingAgain = exchange.mayBeDone();
    try {
      maker.run();
    } finally {
      relaying = null;
      handlingAgain = false;
    }
  }

  /** Handles a request that was put off, as if it had just arrived. Event loop. */
  public void reopen(PassedOn request, Consumer<RemotingCommand> handler) {
    relaying = request.relayed();
    handlingAgain = request.mayBeDone();
    reopening = true;
    try {
      request.command().body().retain();
      handler.accept(request.command());
    } finally {
      relaying = null;
      handlingAgain = false;
      reopening = false;
      request.handled();
    }
  }

  /** True when one more request may wait for something to happen. Event loop. */
  public boolean mayWait() {
    return exchanges.waiting() < settings.limits().waits();
  }

  /** Shows each request that waits for something to happen; event loop only. */
  public void forEachWaiting(Consumer<Exchange> action) {
    exchanges.forEachWaiting(action);
  }

  /** How long a request may stay open that doesn't ask for a wait, in milliseconds. */
  public long answerTimeoutMillis() {
    return settings.answerTimeout().toMillis();
  }

  /** False once the connection is closed. Any thread. */
  public boolean isOpen() {
    return !outgoing.isClosed();
  }

  /**
   * Opens an exchange, which then ends by an answer or by its deadline. Event loop only.
   *
   * @param waitMillis how long the request itself asks to wait; 0 for one that is just done
   */
  public void begin(Exchange exchange, long waitMillis) {
    exchanges.add(exchange, waitMillis, answerTimeoutMillis() + waitMillis);
    pauses.opened(exchanges.working());
    if (!ticking) {
      ticking = true;
      loop.schedule(this::onTick, OpenExchanges.TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Counts bytes of a message that stay in memory until {@link #release}. Event loop only. */
  public void hold(int bytes) {
    pauses.hold(bytes);
  }

  /** Takes back what {@link #hold} counted. Any thread. */
  public void release(int bytes) {
    pauses.release(bytes);
  }

  /** Sends the client a request that it doesn't answer. Any thread. */
  public void sendOneway(int code, CommandHeader header) {
    enqueue(new OnewayRequest(code, header, Unpooled.EMPTY_BUFFER, written -> {}));
  }

  /**
   * Sends the client a request with a body that it doesn't answer; not to a client that doesn't
   * take what it got so far. Any thread.
   *
   * @param body taken over
   * @param written told once: true when all of it is handed to the transport's socket. Any thread
   */
  public void sendOneway(int code, CommandHeader header, ByteBuf body, Consumer<Boolean> written) {
    OnewayRequest request = new OnewayRequest(code, header, body, written);
    if (channel.isWritable()) {
      enqueue(request);
    } else {
      request.discard();
    }
  }

  /**
   * Asks the client something; not one that doesn't take what it got so far. Any thread.
   *
   * @param body taken over
   * @param receiver told once. Any thread
   */
  public void ask(
      int code,
      CommandHeader header,
      ByteBuf body,
      Duration limit,
      Consumer<ClientReply> receiver) {
    try {
      loop.execute(
          () -> {
            if (isOpen() && channel.isWritable()) {
              questions.ask(code, header, body, limit, receiver);
            } else {
              body.release();
              receiver.accept(isOpen() ? Unanswered.NOT_READING : Unanswered.CLOSED);
            }
          });
    } catch (RejectedExecutionException e) {
      body.release(); // the event loop has ended, and the connection with it
      receiver.accept(Unanswered.CLOSED);
    }
  }

  /** A response of the client. Event loop only. */
  public void onResponse(RemotingCommand response) {
    questions.onResponse(response);
  }

  /** Runs something on the connection's event loop; dropped when that has ended. Any thread. */
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: the event loop has ended", this);
    }
  }

  /** Closes the connection. Any thread. */
  public void close() {
    channel.close();
  }

  /** Of all who don't take their answers, this client has the most. Any thread. */
  private void closeForOthers() {
    LIMITED_LOG.log(
        Level.INFO, "{}: closed, answers that it doesn't read fill the memory for them", this);
    channel.close();
  }

  @Override
  public String toString() {
    return remote + " at " + role;
  }

  /** Queues something to be written, or discards it when the connection is closed. Any thread. */
  void enqueue(Outgoing item) {
    if (outgoing.push(item) && !(inRead && loop.inEventLoop())) {
      try {
        loop.execute(drain);
      } catch (RejectedExecutionException e) {
        outgoing.close(); // the event loop has ended, and the connection with it
      }
    }
  }

  /** The exchange is answered. Event loop. */
  void ended(Exchange exchange) {
    exchanges.remove(exchange);
  }

  void onActive() {
    idleCheck.start();
  }

  void onRead() {
    inRead = true;
  }

  void onReadComplete() {
    inRead = false;
    readSinceLook = true;
    idleCheck.active();
    drain();
  }

  void onWritabilityChanged() {
    pauses.writable(channel.isWritable());
  }

  void onInactive() {
    inRead = false;
    outgoing.close();
    questions.close();
    frames.discard();
    untaken.close();
    exchanges.clear();
  }

  /**
   * Closes once everything is answered, at a moment when the client is silent: what it sends while
   * the connection ends is lost, and a client may wait for that until its time is over. One that
   * never is silent isn't read any more after a while. Any thread.
   */
  void stop() {
    execute(
        () -> {
          stopping = true;
          onStopping(0, 0);
        });
  }

  private void onStopping(int looks, int silentLooks) {
    if (ending || !channel.isActive()) {
      return;
    }
    int silent = readSinceLook || exchanges.working() > 0 ? 0 : silentLooks + 1;
    readSinceLook = false;
    if (looks >= STOP_LOOKS_MAX) {
      pauses.stop();
    }
    refuseWhatWaits();
    drain();
    if (exchanges.working() == 0 && (silent > SILENT_LOOKS || looks >= STOP_LOOKS_MAX)) {
      ending = true;
      frames.closeAfterFlush();
    } else {
      loop.schedule(() -> onStopping(looks + 1, silent), 1, TimeUnit.MILLISECONDS);
    }
  }

  /** True from {@link #stop} on. Event loop. */
  boolean isStopping() {
    return stopping;
  }

  /**
   * Sends a request away that came while the node stops, if its sender knows what that means: a
   * newer client leaves the connection at once and sends the request elsewhere, and so does a node.
   *
   * @return false when it is to be handled as always
   */
  boolean sendAway(RemotingCommand command) {
    if (command.isResponse() || command.isOneway()) {
      return false;
    }
    if (command.code() == RelayedFor.CODE) {
      command.body().retain(); // given back when it was opened
      open(command, this::notLed);
      return true;
    }
    if (command.version() < GO_AWAY_VERSION) {
      return false;
    }
    Exchange exchange = new Exchange(this, command);
    begin(exchange, 0);
    exchange.answer(ResponseCode.GO_AWAY, "the node stops");
    return true;
  }

  /** Takes over what it is told. */
  private void notLed(RemotingCommand content) {
    try {
      Exchange exchange = new Exchange(this, content);
      begin(exchange, 0);
      exchange.answerNotLed();
    } finally {
      content.release();
    }
  }

  /**
   * A 4.9 client whose pull ends with the connection notices only 30 s later, when its own timeout
   * runs out; told to try again, it does so after 3 s.
   */
  private void refuseWhatWaits() {
    forEachWaiting(Exchange::endWait);
  }

  private void drain() {
    Outgoing taken = outgoing.takeAll();
    if (taken == null) {
      return;
    }
    for (int round = 1; taken != null; round++) {
      try {
        writeAll(taken);
      } catch (RuntimeException e) {
        LOG.error("{}: an answer could not be encoded, the connection is closed", this, e);
        channel.close();
        return;
      }
      // What arrived while this was encoded joins the same flush.
      taken = round < DRAIN_ROUNDS_MAX ? outgoing.takeAll() : null;
    }
    frames.flush();
    idleCheck.active();
    if (!outgoing.isEmpty()) {
      execute(drain);
    }
    if (untaken.areTooMany()) {
      LIMITED_LOG.log(
          Level.INFO, "{}: closed, {} bytes of answers not read", this, frames.pendingBytes());
      channel.close();
      return;
    }
    pauses.answered(exchanges.working());
  }

  private void writeAll(Outgoing first) {
    Outgoing item = first;
    try {
      while (item != null) {
        Outgoing current = item;
        item = current.next;
        current.next = null;
        current.write(frames);
      }
    } finally {
      OutgoingQueue.discardAll(item);
    }
  }

  /** Once a second while requests are open: ends those that nobody answered. */
  private void onTick() {
    exchanges.onTick(
        late -> {
          LIMITED_LOG.log(
              Level.WARN, "{}: request {} got no answer in time", this, late.requestCode());
          late.onDeadline();
        });
    ticking = !exchanges.isEmpty();
    if (ticking) {
      loop.schedule(this::onTick, OpenExchanges.TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private static HostAddress hostOf(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && !inet.isUnresolved()
        ? HostAddress.of(inet)
        : NO_HOST;
  }
}
