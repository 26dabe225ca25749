package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.sampo.record.HostAddress;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer. Begun by {@link ClientConnection#begin} on the event loop,
 * answered from any thread; the first answer counts and whatever comes later is given back. When
 * none comes in time the connection calls {@link #onDeadline()}, so no request stays open for ever.
 *
 * <p>The answer to a one-way request is never sent, but still ends the exchange. Handlers that keep
 * state for a request extend this class, so that a message costs one object, not three.
 */
public class Exchange extends Outgoing {
  private static final VarHandle ANSWERED;

  static {
    try {
      ANSWERED = MethodHandles.lookup().findVarHandle(Exchange.class, "answered", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ClientConnection connection;
  private final int requestCode;
  private final int opaque;
  private final HeaderCodec codec;
  private final boolean oneway;

  /** Of a request that another node relayed. */
  private final @Nullable RelayedFor relayed;

  /**
   * Whether a leader before may have carried the request out. Set on the way to the event loop that
   * looks at it.
   */
  private boolean mayBeDone;

  /** The connection's open exchanges are a list through these; event loop only. */
  @Nullable Exchange older;

  @Nullable Exchange newer;
  int deadlineTick;
  boolean waits;

  /** Set once, by whoever answers first; what follows is theirs until it is queued. */
  private volatile boolean answered;

  private int code;
  private @Nullable String remark;
  private CommandHeader header = CommandHeader.NONE;
  private @Nullable ByteBuf body;
  private List<LogSlice> records = List.of();

  /** What the body is; a whole frame or none go without a head of ours. */
  private Form form = Form.BODY;

  private enum Form {
    BODY,
    FRAME,
    NOT_LED
  }

  /** An exchange for a request that arrived; nothing of the command is kept. */
  public Exchange(ClientConnection connection, RemotingCommand request) {
    this.connection = connection;
    this.requestCode = request.code();
    this.opaque = request.opaque();
    this.codec = request.codec();
    this.oneway = request.isOneway();
    this.relayed = connection.relaying();
    this.mayBeDone = connection.isHandlingAgain();
  }

  public final ClientConnection connection() {
    return connection;
  }

  /** Who sent the request, perhaps to another node. */
  public final HostAddress client() {
    return relayed == null ? connection.remote() : relayed.client();
  }

  final @Nullable RelayedFor relayed() {
    return relayed;
  }

  /** True when another node relayed the request. */
  public final boolean isRelayed() {
    return relayed != null;
  }

  /** True when a leader before may have carried the request out, and nobody knows. */
  public final boolean mayBeDone() {
    return mayBeDone;
  }

  /** Nobody knows whether the request was carried out; the next leader is to look for that. */
  public final void leaveToNext() {
    mayBeDone = true;
  }

  /** The request's code. */
  public final int requestCode() {
    return requestCode;
  }

  /** True when nobody reads the answer. */
  public final boolean isOneway() {
    return oneway;
  }

  /** Answers without fields. Any thread. */
  public final void answer(int code, @Nullable String remark) {
    answer(code, remark, CommandHeader.NONE);
  }

  /** Answers SUCCESS. Any thread. */
  public final void answer(CommandHeader header) {
    answer(ResponseCode.SUCCESS, null, header);
  }

  /** Answers. Any thread. */
  public final void answer(int code, @Nullable String remark, CommandHeader header) {
    if (claim()) {
      this.code = code;
      this.remark = remark;
      this.header = header;
      connection.enqueue(this);
    }
  }

  /** Answers SUCCESS with a body, which is taken over. Any thread. */
  public final void answer(CommandHeader header, ByteBuf body) {
    if (claim()) {
      this.code = ResponseCode.SUCCESS;
      this.header = header;
      this.body = body;
      connection.enqueue(this);
    } else {
      body.release();
    }
  }

  /** Answers with a frame that is complete, and taken over. Any thread. */
  final void answerFrame(ByteBuf frame) {
    if (claim()) {
      this.form = Form.FRAME;
      this.body = frame;
      connection.enqueue(this);
    } else {
      frame.release();
    }
  }

  /** Tells the node that relayed the request that the log group isn't led here. Any thread. */
  final void answerNotLed() {
    if (claim()) {
      this.form = Form.NOT_LED;
      connection.enqueue(this);
    }
  }

  /** The node stops while this waits for something, so nothing was done. Event loop. */
  final void endWait() {
    if (relayed == null) {
      answer(ResponseCode.SERVICE_NOT_AVAILABLE, "the node stops, try again");
    } else {
      answerNotLed(); // the client's own node goes on with it, and the client notices nothing
    }
  }

  /** Answers SUCCESS with records, which are taken over and closed once they are sent. */
  public final void answer(CommandHeader header, List<LogSlice> records) {
    if (claim()) {
      this.code = ResponseCode.SUCCESS;
      this.header = header;
      this.records = records;
      connection.enqueue(this);
    } else {
      records.forEach(LogSlice::close);
    }
  }

  /** The answer didn't come in time. Called on the event loop; must answer. */
  protected void onDeadline() {
    answer(
        ResponseCode.SYSTEM_ERROR,
        "no answer within the time limit; whether the request was carried out is not known");
  }

  /** True once there is an answer, sent or not. Any thread. */
  public final boolean isAnswered() {
    return answered;
  }

  /**
   * Ends without an answer, because another exchange takes the request over. Event loop.
   *
   * @return false when there is an answer already
   */
  public final boolean cede() {
    if (!claim()) {
      return false;
    }
    connection.ended(this);
    return true;
  }

  /** It has its answer, or another exchange takes over. Called once, on the thread of that. */
  protected void onAnswered() {}

  /** The connection closed before an answer was written; whoever was asked may never answer. */
  protected void onAbandoned() {}

  private boolean claim() {
    if (!ANSWERED.compareAndSet(this, false, true)) {
      return false;
    }
    onAnswered();
    return true;
  }

  @Override
  final void write(FrameBatch frames) {
    connection.ended(this);
    if (oneway) {
      discard();
      return;
    }
    ByteBuf bodyNow = body;
    body = null;
    if (form == Form.NOT_LED && relayed != null) {
      frames.envelopeRefused(relayed.opaque(), mayBeDone);
    } else if (form == Form.FRAME && bodyNow != null) {
      frames.frame(bodyNow);
    } else if (bodyNow != null) {
      frames.response(this, bodyNow);
    } else {
      List<LogSlice> recordsNow = records;
      records = List.of();
      frames.response(this, recordsNow);
    }
  }

  /** Writes the answer up to its body. */
  final void encodeHead(ByteBuf out, int bodyBytes) {
    CommandCodec.encodeResponse(out, codec, opaque, code, remark, header, bodyBytes);
  }

  @Override
  final void discard() {
    if (body != null) {
      body.release();
      body = null;
    }
    records.forEach(LogSlice::close);
    records = List.of();
  }
}
