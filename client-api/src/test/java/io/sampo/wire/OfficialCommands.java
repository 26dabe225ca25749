package io.sampo.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.exception.RemotingCommandException;
import org.apache.rocketmq.remoting.protocol.SerializeType;

/** Carries commands between the official codec and ours, as whole frames. */
public final class OfficialCommands {
  private OfficialCommands() {}

  public static SerializeType official(HeaderCodec codec) {
    return codec == HeaderCodec.JSON ? SerializeType.JSON : SerializeType.ROCKETMQ;
  }

  /** What our decoder makes of an official command; its body is on the heap. */
  public static RemotingCommand toOurs(
      org.apache.rocketmq.remoting.protocol.RemotingCommand command, HeaderCodec codec) {
    command.setSerializeTypeCurrentRPC(official(codec));
    ByteBuf frame = Unpooled.wrappedBuffer(command.encode());
    return CommandCodec.decode(frame, 4, frame.getInt(0));
  }

  /** A request of the official client with one of its header classes, read by our decoder. */
  public static HeaderFields fieldsOf(CommandCustomHeader header, HeaderCodec codec) {
    return toOurs(
            org.apache.rocketmq.remoting.protocol.RemotingCommand.createRequestCommand(1, header),
            codec)
        .fields();
  }

  /** What the official decoder makes of a frame of ours that has no body. */
  public static org.apache.rocketmq.remoting.protocol.RemotingCommand toOfficial(ByteBuf frame) {
    try {
      int length = frame.readInt();
      if (length != frame.readableBytes()) {
        throw new AssertionError(length + " announced, " + frame.readableBytes() + " there");
      }
      return org.apache.rocketmq.remoting.protocol.RemotingCommand.decode(frame);
    } catch (RemotingCommandException e) {
      throw new AssertionError("the official decoder refuses our frame", e);
    } finally {
      frame.release();
    }
  }

  /** What the official classes read out of one of our headers. */
  public static <T extends CommandCustomHeader> T toOfficial(
      CommandHeader header, HeaderCodec codec, Class<T> type) {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeResponse(frame, codec, 1, 0, null, header, 0);
    try {
      return toOfficial(frame).decodeCommandCustomHeader(type);
    } catch (RemotingCommandException e) {
      throw new AssertionError("the official header refuses our fields", e);
    }
  }

  /** Our header written and read by our own codec. */
  public static HeaderFields ownFieldsOf(CommandHeader header, HeaderCodec codec) {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeRequest(frame, codec, 1, 1, false, header, 0);
    return CommandCodec.decode(frame, 4, frame.getInt(0)).fields();
  }
}
