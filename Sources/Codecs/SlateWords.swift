import Foundation

/// The slate's words as coverage, white on black, so that no font is needed where the server runs.
enum SlateWords {
    /// "We’ll be right back": a PNG of 336×44, made by `ffmpeg -f lavfi -i color=black:s=336x44,format=gray -vf
    /// drawtext=fontfile=DejaVuSans-Bold.ttf:text='We’ll be right back':fontsize=30:fontcolor=white:x=(w-tw)/2:y=(h-th)/2`.
    static let image = Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())

    private static let text = """
        iVBORw0KGgoAAAANSUhEUgAAAVAAAAAsCAAAAAAWFL8LAAAACXBIWXMAAAABAAAAAQBPJcTWAAAHQElEQVR42u1aDUwURxSe40/5U+TE
        3wKtelbgUPkRERSMWv+lKogigmBNNYgFim1TrURa02itJdYGLVWwiqBVY6olNaVVSVFpwFMERMWKqPz3EATCcXDYfbN7d3t73N3uYSo0
        +xLfzszOvHv7zXtv3hsR2CGeXiWZ8BDwgPKA8oDyxAPKA8oDaphiKgg6rdnq7W3f5Rvz+pVpo3cpDVDzMpi4luzMhnZFMNlZAO371jpE
        7Ie3C3nb1AK0qxj4NLLjjZid8vaB+YXYMqa/FpcvUiNJPeidm7z1GQXoqDHY/d3xiLMQuJWL6i1PXACVvFS5ubsFOeQFzMNUL6BOxL/m
        wv9C2VQRQasHDqBt91T+DayG3kFPG3VIsJ9CsF1S3jZJMqN3ilzoGB5JogOqNFCrID9Xe8uWqus/1ZIDgQKEcnM4bGHIivHWdfnpVUiX
        RFqCkgCOs9oibJmzXW6MskuKCX73bau6/GOV76QSvY7JtFWLQycNabp1HJzmy1XkUCawnHhD2gQcJUc72p7czb2hzn/mz3J3sG1rqLxy
        VdNwzA/OJbjik591ARpBsAl2zQh5Eof+mQRb5DpYhsym0s6ksI9s4SEUem5KO4BDxBzC4Xeyx9P+kCeEibWrkk/rksikUWmw0QKNMeER
        MRazckcHY7ZNymyCj1y4cP9hI7QhydLSwSvi9gfUBi/9DB8ldnYTFxSH0KdZpAYSvHNLnq7EvlAZN0VDESqRSRAyJcB0G6y20C8+t1Xt
        zpYUvCMzEUpm7/AWhz2p5buX6ZCoteQQPhQ1AB18Qkw19s1i/sBsqpXozV0bOk3NHISfn6YIe189KA3wfBGZp7NSanxKebgXNslCsoNP
        qea/ga9fA/xIgFvEM+K5ZCPBuj1Eol/YG6jYI9Xfbd0jaH5u37tErSUkdhqAfigC/sNMt+iaMMbs6UcDxNu7oRmJ0HYRnojWwXEWb1Ab
        RfF3EYt8J4nn7moFw8W6rdkA/FG8r+u8fc30xVbp/gRvWCPRU3oqM1Fv3C5Uo0t6vE0c8Ky9tfKCzdCKHco9aB9LaZD/FdUJ0sLZSiwI
        c/eLf0QbGIJRPPVVvTx/Qzdj8rk9tZ1njqlSFC7aoGshBwoeShWdT07iYAoGaJ2Iq5qVOdKuqrT5BbTQkuFD8KrQCmQIUPEgDOhNVCIn
        7N6E1Au/CQTvfIn98v51+LGl3AHFmtZeAj6XpcQbUUWyxpy9tJGZOAqlAav8nTEbR84yHGe5agMGtCP72h2itMLWPBbOKfx/RMlkmfj8
        azWeP0K0KAut1ns5goOo2dQRhKSKFlyLWruMH6ayUBxwykm7fwjMlzOetXX4cQuYiyk7iXsUzBF3dYBiVnDPHwMHj0Wmphy1QfYnsqO8
        R1iqnFqZ4ki1y8SJkFcUhDfpTZtQZRNEEu/hlJ5FRPj0ksMLeSlwGEeuNBt35AzoP7SHiZ2UjUTpXe3DGQNKBX7NVzWYdxuljUm6m8Zr
        gfKbn/W+vCe53dD1Hd4Jby/Kx4uUHVTcpXUuAA3jDCgjL2IjsVa/KIbEzt4GWWqzAOOZE+QuEiWxSqkznAwBikOlx3TK+yU9BKDT1EmT
        VrFkyhlQB/KB972nmZVEufZQEy1EOvShrGFo44djeUK5jLax2Hrf0F5aDaniqJNO+l2eDKLWExGqq8G1qCv1m2QMkURCHF7el8ps9Mh6
        vGc4diqMlViC831SlNer0wZvURk2Wx+Vz4KGQk8Jc2l9UtYQQofMdU/0WujdDrrvq+rNl2Q3D2K9myqTnvL9GO7fEI0/BN9H/2G0xD+x
        mlH4Qmyegbk4Btix0gYfZW/hs9FfOSOvBXiSFXm0J6iX3o+GADo601EvoIrbGkWTEtAHbeTtyUHgh7a5DDF38Nv669k5Au6AvhfnYOGT
        ATVIW5bREluzgW+MHW7hn25uYC4+UMLHmrDQBn+0R4LQanmqakb7N8Ddzi0aZu4Y+Zs/be2djTJA9KSjPpdHRTNowRQV0kMrQRkTQomK
        a9Mm452stDs2lmomSY2XmDILKqA4oizoyQ7TPzVvPMFmXCXYilID2lyIhcwzJoaI2+eClXOyxq2HG45vaTmEEpXNaRaAaPhT3RaqhLD1
        ARmRqzQBRTuSWvt2uyXffItsdO282AeJsggKHNm2G+qzvVdKq2atjfz9BurztxarJ+3+uEnH8mtbu7VslGmhtxWm6rtmAklnRvKcfX6x
        v3i4texFS2N5SWk1dyikYaHLx1nV5x+t6pNEaXBI0CTL+vyMykjVsa9jZlB04Js2AlbaPFgSPc9ZUXfluMYNwfmc+QHiETZtDZVXL2su
        v5yYYsKwUcGA/+u7w1AzXkjsjzf2A4niqFiPZswBfql/3tgPIHKKLThb2Gg2blE0OLMklwe0z+Srvkd5HNt/1Pof/G1Tz6mVjf1Hm4F6
        KFn7+E0WCi3bn9+TXGzsT4oJ+L+x512eB5QHlCceUB5QHlCeeEBfA/0LR6uVOYYXs1EAAAAASUVORK5CYII=
        """
}
