package io.sampo.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.remoting.protocol.LanguageCode;
import org.apache.rocketmq.remoting.protocol.RemotingCommandType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both header codecs against the official implementation, in both directions. */
class OfficialCodecTest {
  private static org.apache.rocketmq.remoting.protocol.RemotingCommand officialRequest(int code) {
    return org.apache.rocketmq.remoting.protocol.RemotingCommand.createRequestCommand(code, null);
  }

  @ParameterizedTest
  @EnumSource
  void everyPartOfAnOfficialCommandArrives(HeaderCodec codec) {
    var official = officialRequest(105);
    official.setOpaque(-7);
    official.setVersion(409);
    official.setLanguage(LanguageCode.GO);
    official.setRemark("why \"so\" \\ \n \u0001 é€😀");
    official.markOnewayRPC();
    official.setBody(new byte[] {1, 2, 3});
    official.setExtFields(
        new HashMap<>(Map.of("topic", "T\u0001\u0002\u000b\u007f\"\\/é😀", "n", "-5")));

    RemotingCommand ours = OfficialCommands.toOurs(official, codec);

    assertThat(ours.code()).isEqualTo(105);
    assertThat(ours.opaque()).isEqualTo(-7);
    assertThat(ours.version()).isEqualTo(409);
    assertThat(ours.language()).isEqualTo(LanguageCode.GO.getCode());
    assertThat(ours.remark()).isEqualTo(official.getRemark());
    assertThat(ours.isOneway()).isTrue();
    assertThat(ours.isResponse()).isFalse();
    assertThat(ours.codec()).isEqualTo(codec);
    assertThat(ours.body()).isEqualTo(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
    assertThat(ours.fields().find("topic")).isEqualTo(official.getExtFields().get("topic"));
    assertThat(ours.fields().int32("n")).isEqualTo(-5);
    assertThat(ours.fields().find("absent")).isNull();
    ours.release();
  }

  @ParameterizedTest
  @EnumSource
  void theOfficialDecoderReadsOurResponses(HeaderCodec codec) {
    ByteBuf frame = Unpooled.buffer();
    String odd = "a\u0001b\u0002\"\\\r\t\b\f\u001f/é€😀";
    CommandHeader header =
        out ->
            out.field("text", odd)
                .utf8("utf8", odd.getBytes(StandardCharsets.UTF_8))
                .field("none", (String) null)
                .field("min", Long.MIN_VALUE)
                .field("max", Long.MAX_VALUE)
                .field("zero", 0)
                .field("yes", true);
    CommandCodec.encodeResponse(frame, codec, 77, 17, "no " + odd, header, 0);

    var official = OfficialCommands.toOfficial(frame);

    assertThat(official.getType()).isEqualTo(RemotingCommandType.RESPONSE_COMMAND);
    assertThat(official.getCode()).isEqualTo(17);
    assertThat(official.getOpaque()).isEqualTo(77);
    assertThat(official.getVersion()).isEqualTo(CommandCodec.VERSION);
    assertThat(official.getLanguage()).isEqualTo(LanguageCode.JAVA);
    assertThat(official.getRemark()).isEqualTo("no " + odd);
    assertThat(official.getSerializeTypeCurrentRPC()).isEqualTo(OfficialCommands.official(codec));
    assertThat(official.getExtFields())
        .isEqualTo(
            Map.of(
                "text",
                odd,
                "utf8",
                odd,
                "min",
                Long.toString(Long.MIN_VALUE),
                "max",
                Long.toString(Long.MAX_VALUE),
                "zero",
                "0",
                "yes",
                "true"));
  }

  @ParameterizedTest
  @EnumSource
  void aCommandWithoutFieldsAndRemarkPassesInBothDirections(HeaderCodec codec) {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeRequest(frame, codec, 3, 40, true, CommandHeader.NONE, 0);
    var official = OfficialCommands.toOfficial(frame);
    assertThat(official.isOnewayRPC()).isTrue();
    assertThat(official.getCode()).isEqualTo(40);
    assertThat(official.getRemark()).isNull();

    RemotingCommand ours = OfficialCommands.toOurs(officialRequest(34), codec);
    assertThat(ours.code()).isEqualTo(34);
    assertThat(ours.remark()).isNull();
    assertThat(ours.body().isReadable()).isFalse();
    ours.release();
  }

  @ParameterizedTest
  @EnumSource
  void randomFieldsSurviveBothDirections(HeaderCodec codec) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      HashMap<String, String> fields = new HashMap<>();
      for (int i = random.nextInt(20); i > 0; i--) {
        fields.put("k" + random.nextInt(30), randomText(random));
      }
      var official = officialRequest(random.nextInt(Short.MAX_VALUE));
      official.setExtFields(new HashMap<>(fields));

      RemotingCommand ours = OfficialCommands.toOurs(official, codec);
      fields.forEach(
          (name, value) -> {
            String read = ours.fields().find(name);
            // In the binary codec an empty value is none.
            assertThat(read == null ? "" : read).as("seed %d", seed).isEqualTo(value);
          });

      ByteBuf frame = Unpooled.buffer();
      CommandHeader header = out -> fields.forEach(out::field);
      CommandCodec.encodeResponse(frame, codec, ours.opaque(), 0, null, header, 0);
      var back = OfficialCommands.toOfficial(frame).getExtFields();
      fields.forEach(
          (name, value) -> {
            String read = back.get(name);
            assertThat(read == null ? "" : read).as("seed %d", seed).isEqualTo(value);
          });
      ours.release();
    }
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int kind = random.nextInt(5);
      if (kind == 0) {
        text.append((char) random.nextInt(0x30));
      } else if (kind == 1) {
        text.appendCodePoint(0x10000 + random.nextInt(0x1000));
      } else if (kind == 2) {
        text.append((char) (0x80 + random.nextInt(0xd000)));
      } else {
        text.append((char) ('0' + random.nextInt(0x4e)));
      }
    }
    return text.toString();
  }

  @Test
  void aFieldWrittenTwiceByTheBinaryCodecCountsOnceAndTheLastWins() {
    ByteBuf frame = Unpooled.buffer();
    CommandHeader twice = out -> out.field("topic", "first").field("n", 1).field("topic", "last");
    CommandCodec.encodeRequest(frame, HeaderCodec.ROCKETMQ, 1, 310, false, twice, 0);

    HeaderFields fields = CommandCodec.decode(frame, 4, frame.getInt(0)).fields();

    assertThat(fields.text("topic")).isEqualTo("last");
    assertThat(fields.int32("n")).isEqualTo(1);
  }
}
